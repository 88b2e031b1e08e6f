// What people see of an HTML body. Browsers' rules (WHATWG, tokenization), as far as it takes to pass over what is not seen.
#include "core/campaign/html_text.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>

namespace vero {
namespace {

/// Elements that are seen without any text.
constexpr std::array<std::string_view, 4> kSeen{"img", "image", "svg", "video"};
/// Elements whose content is not seen, and no HTML.
constexpr std::array<std::string_view, 3> kUnseen{"script", "style", "title"};
/// Characters that are not seen, by the names of their references.
constexpr std::array<std::string_view, 14> kUnseenNames{"nbsp",	 "shy",	   "zwnj",	 "zwj",	   "ensp",
														"emsp",	 "emsp13", "emsp14", "thinsp", "hairsp",
														"numsp", "puncsp", "Tab",	 "NewLine"};

/// `found` is a position, or npos: then what is looked for is missing, and everything is passed over.
std::size_t behind(std::string_view html, std::size_t found, std::size_t size)
{
	return found == std::string_view::npos ? html.size() : found + size;
}

/// How long the tag is that `html` begins with; a > in a quoted value does not end it.
std::size_t tag_length(std::string_view html)
{
	char quote = 0;
	bool is_value = false; // the next character that is no space begins one
	for (std::size_t i = 1; i < html.size(); i++) {
		char const c = html[i];
		if (quote != 0) {
			quote = c == quote ? 0 : quote;
		} else if (c == '>') {
			return i + 1;
		} else if (is_value && (c == '"' || c == '\'')) {
			quote = c;
		}
		is_value = c == '=' || (is_value && is_html_space(c));
	}
	return html.size();
}

/// How long the element is that `html` begins with, whose start tag is so long: to before its end tag.
std::size_t unseen_element_length(std::string_view html, std::size_t tag, std::string_view name)
{
	for (std::size_t end = html.find("</", tag); end != std::string_view::npos; end = html.find("</", end + 2)) {
		if (is_in_any_case(html.substr(end + 2, name.size()), name))
			return end;
	}
	return html.size();
}

/// How much of `html`, which begins with <, is not seen; 0 where something is.
std::size_t unseen_markup_length(std::string_view html)
{
	std::string_view const rest = html.substr(1);
	if (rest.starts_with("!-->") || rest.starts_with("!--->"))
		return html.find('>') + 1;
	if (rest.starts_with("!--"))
		return behind(html, html.find("-->", 4), 3);
	if (rest.starts_with('!') || rest.starts_with('?'))
		return behind(html, html.find('>'), 1);
	if (rest.starts_with('/'))
		return tag_length(html);
	std::string_view const name =
		rest.substr(0, static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_letter) - rest.begin()));
	auto const is_name = [name](std::string_view known) { return is_in_any_case(name, known); };
	if (name.empty() || std::any_of(kSeen.begin(), kSeen.end(), is_name))
		return 0;
	std::size_t const length = tag_length(html);
	auto const unseen = std::find_if(kUnseen.begin(), kUnseen.end(), is_name);
	return unseen == kUnseen.end() ? length : unseen_element_length(html, length, *unseen);
}

/// How long the character reference is that `html`, which begins with &, begins with; 0 where its character is seen, or it is none.
std::size_t unseen_reference_length(std::string_view html)
{
	std::size_t const end = html.substr(0, 16).find(';');
	if (end == std::string_view::npos)
		return 0;
	std::string_view name = html.substr(1, end - 1);
	if (std::find(kUnseenNames.begin(), kUnseenNames.end(), name) != kUnseenNames.end())
		return end + 1;
	if (!name.starts_with('#'))
		return 0;
	name.remove_prefix(1);
	bool const is_hex = name.starts_with('x') || name.starts_with('X');
	name.remove_prefix(is_hex ? 1 : 0);
	std::uint32_t code_point = 0;
	auto const read = std::from_chars(name.data(), name.data() + name.size(), code_point, is_hex ? 16 : 10);
	if (name.empty() || read.ec != std::errc() || read.ptr != name.data() + name.size() || code_point > 0x10FFFF)
		return 0;
	std::string character;
	append_utf8(character, static_cast<char32_t>(code_point));
	return trim_unseen(character).empty() ? end + 1 : 0;
}

} // namespace

bool is_blank_html(std::string_view html)
{
	while (!html.empty()) {
		std::size_t const end = std::min(html.find_first_of("<&"), html.size());
		if (!trim_unseen(html.substr(0, end)).empty())
			return false;
		html.remove_prefix(end);
		if (html.empty())
			return true;
		std::size_t const unseen = html[0] == '<' ? unseen_markup_length(html) : unseen_reference_length(html);
		if (unseen == 0)
			return false;
		html.remove_prefix(unseen);
	}
	return true;
}

} // namespace vero
