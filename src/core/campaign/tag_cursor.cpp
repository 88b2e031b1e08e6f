// Walks through the content of a merge tag, token by token.
#include "core/campaign/tag_cursor.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::size_t kMostShown = 60; // characters

bool is_word_character(char32_t character)
{
	if (character >= 0x80)
		return is_letter_beyond_ascii(character);
	return is_alphanumeric_or(static_cast<char>(character), "_-");
}

/// U+00E9
std::string name_of(char32_t character)
{
	constexpr std::string_view kHexDigits = "0123456789ABCDEF";
	std::string name;
	for (; character != 0 || name.size() < 4; character >>= 4U)
		name.insert(name.begin(), kHexDigits[character & 0xFU]);
	return "U+" + name;
}

std::size_t skip_digits(std::string_view text, std::size_t from)
{
	while (from < text.size() && is_digit(text[from]))
		++from;
	return from;
}

} // namespace

std::string shown(std::string_view text)
{
	return "\"" + to_visible(clip(text, kMostShown)) + "\"";
}

std::size_t TagCursor::position()
{
	position_ = std::min(content_.find_first_not_of(kTagBlanks, position_), content_.size());
	return position_;
}

char TagCursor::next()
{
	auto const at = position();
	return at < content_.size() ? content_[at] : '\0';
}

char32_t TagCursor::next_character()
{
	auto const at = position();
	return at < content_.size() ? decode_utf8(content_, at).code_point : 0;
}

bool TagCursor::skip(char c)
{
	bool const is_next = next() == c;
	position_ += is_next ? 1 : 0;
	return is_next;
}

std::string_view TagCursor::read_word()
{
	if (next() == '-')
		return {};
	auto const begin = position_;
	while (position_ < content_.size()) {
		auto const step = decode_utf8(content_, position_);
		if (!is_word_character(step.code_point))
			break;
		position_ += step.length;
	}
	return content_.substr(begin, position_ - begin);
}

std::optional<std::string_view> TagCursor::read_quoted()
{
	char const quote = next();
	if (quote != '"' && quote != '\'')
		return std::nullopt;
	auto const begin = position_ + 1;
	auto const end = content_.find(quote, begin);
	if (end == std::string_view::npos)
		return std::nullopt;
	position_ = end + 1;
	return content_.substr(begin, end - begin);
}

std::string_view TagCursor::read_number()
{
	auto const begin = position();
	auto const digits = begin + (next() == '-' ? 1 : 0);
	auto end = skip_digits(content_, digits);
	if (end == digits)
		return {};
	if (end < content_.size() && content_[end] == '.') {
		auto const fraction_end = skip_digits(content_, end + 1);
		end = fraction_end == end + 1 ? end : fraction_end;
	}
	position_ = end;
	return content_.substr(begin, end - begin);
}

std::string TagCursor::describe_next()
{
	auto const character = next_character();
	if (position_ == content_.size())
		return "the end of the tag";
	if (is_control(character))
		return name_of(character);
	auto const quoted = shown(content_.substr(position_, decode_utf8(content_, position_).length));
	return character < 0x80 ? quoted : quoted + " (" + name_of(character) + ")";
}

bool TagCursor::is_at_curly_quote()
{
	auto const character = next_character();
	return character >= 0x2018 && character <= 0x201F;
}

} // namespace vero
