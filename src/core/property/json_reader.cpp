// Reads JSON into the form in which PostgreSQL stores it.
#include "core/property/json_reader.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

constexpr std::string_view kSpace = " \t\n\r";
constexpr std::string_view kEscapes = "\"\\/bfnrt";
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";

std::string too_large()
{
	return "which is JSON of more than " + group_digits(kMaxJsonSize) + " bytes";
}

bool is_high_surrogate(char32_t unit)
{
	return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low_surrogate(char32_t unit)
{
	return unit >= 0xDC00 && unit < 0xE000;
}

} // namespace

Result<JsonbType> JsonReader::read(std::string_view text, std::string &out)
{
	if (text.size() > kMaxJsonSize)
		return tl::make_unexpected(too_large());
	text_ = text;
	at_ = 0;
	numbers_size_ = 0;
	pieces_.clear();
	if (!read_value(0))
		return tl::make_unexpected(std::move(why_));
	skip_space();
	if (at_ != text_.size()) {
		fail_here();
		return tl::make_unexpected(std::move(why_));
	}
	out += pieces_.data();
	return pieces_.first_type();
}

void JsonReader::skip_space()
{
	at_ = std::min(text_.find_first_not_of(kSpace, at_), text_.size());
}

/// Takes the character behind white space, if it is this one.
bool JsonReader::take(char c)
{
	skip_space();
	bool is_there = at_ < text_.size() && text_[at_] == c;
	at_ += is_there ? 1 : 0;
	return is_there;
}

bool JsonReader::take_word(std::string_view word)
{
	bool is_there = text_.substr(at_).starts_with(word);
	at_ += is_there ? word.size() : 0;
	return is_there;
}

bool JsonReader::fail(std::string why)
{
	why_ = std::move(why);
	return false;
}

bool JsonReader::fail_here()
{
	if (at_ >= text_.size())
		return fail("which is no JSON: it ends too early");
	std::string_view rest = text_.substr(at_);
	return fail("which is no JSON: " + quote_clipped(rest.substr(0, decode_utf8(rest, 0).length)) +
				" is unexpected as its character " +
				group_digits(static_cast<std::int64_t>(utf8_length(text_.substr(0, at_)) + 1)));
}

bool JsonReader::read_value(std::size_t depth)
{
	skip_space();
	char first = at_ < text_.size() ? text_[at_] : '\0';
	std::size_t begin = pieces_.mark().byte;
	if (first == '"')
		return read_string();
	if (first == '{' || first == '[') {
		if (depth == kMaxJsonDepth)
			return fail("which is JSON with more than " + std::to_string(kMaxJsonDepth) + " levels");
		return first == '{' ? read_object(depth) : read_array(depth);
	}
	if (take_word("true")) {
		pieces_.add(begin, JsonbType::is_true);
	} else if (take_word("false")) {
		pieces_.add(begin, JsonbType::is_false);
	} else if (take_word("null")) {
		pieces_.add(begin, JsonbType::null);
	} else {
		return read_number();
	}
	return true;
}

bool JsonReader::read_string()
{
	std::size_t begin = pieces_.mark().byte;
	for (at_++; at_ < text_.size();) {
		char c = text_[at_];
		if (c == '"') {
			at_++;
			pieces_.add(begin, JsonbType::string);
			return true;
		}
		if (static_cast<unsigned char>(c) < 0x20)
			return fail_here();
		if (c == '\\') {
			if (!read_escape())
				return false;
		} else {
			pieces_.data() += c;
			at_++;
		}
	}
	return fail_here();
}

bool JsonReader::read_escape()
{
	at_++;
	if (at_ == text_.size())
		return fail_here();
	if (text_[at_] == 'u')
		return read_unicode();
	std::size_t index = kEscapes.find(text_[at_]);
	if (index == std::string_view::npos)
		return fail_here();
	pieces_.data() += kEscaped[index];
	at_++;
	return true;
}

/// One character behind `\`, of one or two code units.
bool JsonReader::read_unicode()
{
	char32_t unit = 0, second = 0;
	if (!read_code_unit(unit))
		return false;
	if (unit == 0)
		return fail("which is JSON with \\u0000, a character that cannot be stored");
	if (is_high_surrogate(unit)) {
		if (take_word("\\") && at_ < text_.size() && text_[at_] == 'u' && !read_code_unit(second))
			return false;
		if (!is_low_surrogate(second)) {
			return fail(
				"which is JSON with half of a character: \\uD800 to \\uDBFF without \\uDC00 to \\uDFFF behind it");
		}
		unit = 0x10000 + ((unit & 0x3FF) << 10) + (second & 0x3FF);
	} else if (is_low_surrogate(unit)) {
		return fail("which is JSON with half of a character: \\uDC00 to \\uDFFF without \\uD800 to \\uDBFF before it");
	}
	append_utf8(pieces_.data(), unit);
	return true;
}

/// Takes `u` and four hexadecimal digits.
bool JsonReader::read_code_unit(char32_t &unit)
{
	at_++;
	unit = 0;
	for (int i = 0; i < 4; i++, at_++) {
		char c = at_ < text_.size() ? lower_ascii(text_[at_]) : '\0';
		std::size_t digit = std::string_view("0123456789abcdef").find(c);
		if (digit == std::string_view::npos)
			return fail_here();
		unit = unit << 4 | static_cast<char32_t>(digit);
	}
	return true;
}

std::string_view JsonReader::take_digits()
{
	std::size_t end = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
	return text_.substr(std::exchange(at_, end), end - at_);
}

bool JsonReader::read_number()
{
	bool is_negative = take_word("-");
	std::string_view whole = take_word("0") ? "0" : take_digits(), fraction;
	if (whole.empty())
		return fail_here();
	if (take_word(".") && (fraction = take_digits()).empty())
		return fail_here();
	std::int64_t exponent = 0;
	if (take_word("e") || take_word("E")) {
		std::size_t begin = at_;
		take_word("+") || take_word("-");
		if (take_digits().empty())
			return fail_here();
		exponent = read_exponent(text_.substr(begin, at_ - begin)).value_or(0);
	}
	number_.assign(is_negative, whole, fraction, exponent);
	if (!fits_numeric(number_))
		return fail("which is JSON with a number that has more digits than PostgreSQL keeps");
	numbers_size_ += static_cast<std::size_t>(number_.text_length());
	if (numbers_size_ > kMaxJsonSize)
		return fail(too_large());
	std::size_t start = pieces_.mark().byte;
	append_numeric(pieces_.data(), number_);
	pieces_.add(start, JsonbType::number);
	return true;
}

bool JsonReader::read_array(std::size_t depth)
{
	JsonPieces::Mark mark = pieces_.mark();
	at_++;
	if (!take(']')) {
		do {
			if (!read_value(depth + 1))
				return false;
		} while (take(','));
		if (!take(']'))
			return fail_here();
	}
	pieces_.finish_array(mark);
	return true;
}

bool JsonReader::read_object(std::size_t depth)
{
	JsonPieces::Mark mark = pieces_.mark();
	at_++;
	if (!take('}')) {
		do {
			if (!read_pair(depth + 1))
				return false;
		} while (take(','));
		if (!take('}'))
			return fail_here();
	}
	pieces_.finish_object(mark);
	return true;
}

bool JsonReader::read_pair(std::size_t depth)
{
	skip_space();
	if (at_ == text_.size() || text_[at_] != '"')
		return fail_here();
	if (!read_string())
		return false;
	return take(':') ? read_value(depth) : fail_here();
}

} // namespace vero
