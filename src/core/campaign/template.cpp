// Templates of mail: a text with merge tags in Liquid's syntax is compiled once and rendered for each event.
#include "core/campaign/template.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::string_view kOpening = "{{";
constexpr std::string_view kClosing = "}}";
constexpr char kTrimMark = '-'; // {{- and -}}

std::string_view trim_end(std::string_view text)
{
	return text.substr(0, text.find_last_not_of(kTagBlanks) + 1);
}

std::string_view trim_begin(std::string_view text)
{
	return text.substr(std::min(text.find_first_not_of(kTagBlanks), text.size()));
}

/// The first place where a merge tag or one of Liquid's other tags begins.
std::size_t find_tag(std::string_view source, std::size_t from)
{
	for (;;) {
		auto const brace = source.find('{', from);
		if (brace == std::string_view::npos || brace + 1 == source.size())
			return std::string_view::npos;
		if (source[brace + 1] == '{' || source[brace + 1] == '%')
			return brace;
		from = brace + 1;
	}
}

class Compiler {
public:
	explicit Compiler(std::string_view source) : source_(source) {}

	Result<Template, TemplateError> compile(TemplatePart part)
	{
		if (!check_characters(part) || !read_pieces() || (part == TemplatePart::html && !place_tags()))
			return tl::make_unexpected(std::move(error_));
		return Template(part, std::move(pieces_));
	}

private:
	bool fail(std::size_t offset, std::string message, std::string hint = "");
	bool check_characters(TemplatePart part);
	bool read_pieces();
	bool read_tag(std::size_t begin);
	bool place_tags();

	std::string_view source_;
	std::size_t position_ = 0;
	bool trims_next_ = false; ///< white space at position_ belongs to the tag before it
	std::size_t tags_ = 0;
	std::vector<Template::Piece> pieces_;
	std::vector<std::size_t> tag_begins_; ///< of the pieces' tags
	TemplateError error_{};
};

/// `offset` is in bytes; what is before it is well-formed.
bool Compiler::fail(std::size_t offset, std::string message, std::string hint)
{
	auto const before = source_.substr(0, offset);
	std::size_t line = 1;
	std::size_t line_begin = 0;
	for (std::size_t i = 0; i < before.size(); ++i) {
		if (before[i] == '\n' || (before[i] == '\r' && source_.substr(i + 1, 1) != "\n")) {
			++line;
			line_begin = i + 1;
		}
	}
	error_ = {std::move(message), std::move(hint), line, utf8_length(before.substr(line_begin)) + 1};
	return false;
}

bool Compiler::check_characters(TemplatePart part)
{
	if (source_.size() > kMaxTemplateSize)
		return fail(0, "template is larger than " + std::to_string(kMaxTemplateSize / 1024) + " kB");
	for (std::size_t at = 0; at < source_.size();) {
		auto const step = decode_utf8(source_, at);
		if (!step.is_well_formed)
			return fail(at, "template is not valid UTF-8");
		if (step.code_point == 0)
			return fail(at, "template contains a NUL character");
		if (part == TemplatePart::subject && is_control(step.code_point)) {
			return fail(at, "subject contains a line break or another control character",
						"A subject is one line of text.");
		}
		at += step.length;
	}
	return true;
}

bool Compiler::read_pieces()
{
	for (;;) {
		auto const begin = find_tag(source_, position_);
		auto text = source_.substr(position_, begin - position_);
		if (trims_next_)
			text = trim_begin(text);
		if (begin == std::string_view::npos) {
			pieces_.push_back({std::string(text), std::nullopt});
			return true;
		}
		if (source_.substr(begin + kOpening.size()).starts_with(kTrimMark))
			text = trim_end(text);
		pieces_.push_back({std::string(text), std::nullopt});
		if (!read_tag(begin))
			return false;
	}
}

bool Compiler::read_tag(std::size_t begin)
{
	if (source_[begin + 1] == '%')
		return fail(begin, "tags are not supported", "A template takes merge tags only, like {{ event.name }}.");
	if (++tags_ > kMaxTemplateTags)
		return fail(begin, "template has more than " + std::to_string(kMaxTemplateTags) + " merge tags");
	auto content_begin = begin + kOpening.size();
	auto const end = source_.find(kClosing, content_begin);
	if (end == std::string_view::npos)
		return fail(begin, "merge tag is not closed", "It ends with }}.");
	auto content = source_.substr(content_begin, end - content_begin);
	if (content.starts_with(kTrimMark)) {
		content.remove_prefix(1);
		++content_begin;
	}
	trims_next_ = content.ends_with(kTrimMark);
	content.remove_suffix(trims_next_ ? 1 : 0);
	auto parsed = parse_merge_tag(content);
	if (!parsed) {
		return fail(content_begin + parsed.error().offset, std::move(parsed.error().message),
					std::move(parsed.error().hint));
	}
	tag_begins_.push_back(begin);
	pieces_.back().tag = *std::move(parsed);
	position_ = end + kClosing.size();
	return true;
}

/// The texts are what is left of them where tags take white space away.
bool Compiler::place_tags()
{
	HtmlPlaces html;
	for (std::size_t i = 0; i < tag_begins_.size(); ++i) {
		html.read(pieces_[i].text);
		auto place = html.place_tag();
		if (!place)
			return fail(tag_begins_[i], std::move(place.error().message), std::move(place.error().hint));
		pieces_[i].place = *place;
	}
	return true;
}

} // namespace

Result<Template, TemplateError> compile_template(std::string_view source, TemplatePart part)
{
	return Compiler(source).compile(part);
}

} // namespace vero
