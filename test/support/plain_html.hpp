// A reader of HTML as plain and as strict as can be: what the writer of confirmations is tested against.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vero::test {

struct MalformedHtml : std::runtime_error {
	using std::runtime_error::runtime_error;
};

inline void expect_html(bool condition, char const *rule)
{
	if (!condition) {
		throw MalformedHtml(rule);
	}
}

/// A document taken apart.
struct PlainHtml {
	std::vector<std::string> tags;	///< as they stand between "<" and ">", comments too
	std::vector<std::string> texts; ///< what stands between two tags and is not blank, references decoded
};

inline std::string decode_references(std::string_view html)
{
	struct Reference {
		std::string_view name;
		char character;
	};
	static constexpr Reference references[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
	std::string text;
	while (!html.empty()) {
		if (html[0] != '&') {
			expect_html(html[0] != '"' && html[0] != '\'' && html[0] != '>', "a character that stands for itself");
			text.push_back(html[0]);
			html.remove_prefix(1);
			continue;
		}
		auto const *const found =
			std::find_if(std::begin(references), std::end(references),
						 [html](Reference const &candidate) { return html.starts_with(candidate.name); });
		expect_html(found != std::end(references), "an unknown reference");
		text.push_back(found->character);
		html.remove_prefix(found->name.size());
	}
	return text;
}

/// Throws MalformedHtml where elements are not closed in order, or a text holds what has to be a reference.
inline PlainHtml read_html(std::string_view html)
{
	PlainHtml document;
	std::vector<std::string> open;
	while (!html.empty()) {
		auto const tag_begin = std::min(html.find('<'), html.size());
		if (auto text = decode_references(html.substr(0, tag_begin));
			text.find_first_not_of('\n') != std::string::npos) {
			document.texts.push_back(std::move(text));
		}
		html.remove_prefix(tag_begin);
		if (html.empty()) {
			break;
		}
		if (html.starts_with("<!--")) {
			auto const comment_end = html.find("-->");
			expect_html(comment_end != std::string_view::npos, "a comment that is open");
			document.tags.emplace_back(html.substr(1, comment_end + 1));
			html.remove_prefix(comment_end + 3);
			continue;
		}
		auto const tag_end = html.find('>');
		expect_html(tag_end != std::string_view::npos, "a tag that is open");
		std::string tag(html.substr(1, tag_end - 1));
		html.remove_prefix(tag_end + 1);
		expect_html(tag.find_first_of("<&\n") == std::string::npos, "what a tag does not hold");
		expect_html(std::count(tag.begin(), tag.end(), '"') % 2 == 0, "quotes that are open");
		auto const name = tag.substr(0, tag.find(' '));
		if (tag[0] == '/') {
			expect_html(!open.empty() && "/" + open.back() == tag, "an element that is closed out of order");
			open.pop_back();
		} else if (name != "!DOCTYPE" && name != "meta") {
			open.push_back(name);
		}
		document.tags.push_back(std::move(tag));
	}
	expect_html(open.empty(), "an element that is not closed");
	return document;
}

} // namespace vero::test
