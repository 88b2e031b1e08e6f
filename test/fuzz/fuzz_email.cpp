// Fuzzes the check of e-mail addresses against a plain one that splits at '@' and '.'.
#include "core/email.hpp"
#include "core/text.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

std::vector<std::string> split(std::string const &text, char separator)
{
	std::vector<std::string> parts(1);
	for (char const c : text) {
		if (c == separator) {
			parts.emplace_back();
		} else {
			parts.back().push_back(c);
		}
	}
	return parts;
}

/// Well-formed UTF-8 as code points.
std::vector<char32_t> code_points(std::string const &text)
{
	std::vector<char32_t> points;
	for (char const c : text) {
		auto const byte = static_cast<unsigned char>(c);
		if (byte < 0x80) {
			points.push_back(byte);
		} else if (byte >= 0xF0) {
			points.push_back(byte & 0x07);
		} else if (byte >= 0xE0) {
			points.push_back(byte & 0x0F);
		} else if (byte >= 0xC0) {
			points.push_back(byte & 0x1F);
		} else {
			points.back() = points.back() * 64 + (byte & 0x3F);
		}
	}
	return points;
}

bool is_foreign_letter(char32_t c)
{
	if (c < 0xC0) {
		return c == 0xAA || c == 0xB5 || c == 0xBA;
	}
	if (c == 0xD7 || c == 0xF7 || c == 0xFEFF) {
		return false;
	}
	bool const is_symbol = (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
						   (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x3004) || (c >= 0x3008 && c <= 0x3020);
	bool const is_special = (c >= 0xE000 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) ||
							(c >= 0xFFF0 && c <= 0xFFFF) || (c >= 0x1F000 && c <= 0x1FAFF) || c >= 0xE0000;
	bool const is_punctuation =
		(c >= 0x2E00 && c <= 0x2E7F) || (c >= 0xFE10 && c <= 0xFE1F) || (c >= 0xFE30 && c <= 0xFE6F);
	bool const is_fullwidth_punctuation = (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
										  (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65);
	return !is_symbol && !is_special && !is_punctuation && !is_fullwidth_punctuation;
}

bool consists_of_letters_and(std::string const &text, std::string const &others)
{
	for (char32_t const c : code_points(text)) {
		bool const is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		bool const is_other = c < 0x80 && others.find(static_cast<char>(c)) != std::string::npos;
		if (!is_alphanumeric && !is_other && !(c >= 0x80 && is_foreign_letter(c))) {
			return false;
		}
	}
	return !text.empty();
}

bool is_email_plain(std::string const &address)
{
	auto const halves = split(address, '@');
	if (address.size() > 254 || halves.size() != 2 || halves[0].size() > 64) {
		return false;
	}
	for (auto const &atom : split(halves[0], '.')) {
		if (!consists_of_letters_and(atom, "!#$%&'*+-/=?^_`{|}~")) {
			return false;
		}
	}
	auto const labels = split(halves[1], '.');
	for (auto const &label : labels) {
		if (!consists_of_letters_and(label, "-") || label.size() > 63 || label.front() == '-' || label.back() == '-') {
			return false;
		}
	}
	return labels.size() >= 2 && labels.back().find_first_not_of("0123456789") != std::string::npos;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string const bytes(reinterpret_cast<char const *>(data), size);
	bool const is_accepted = vero::is_email(bytes);
	if (vero::is_utf8_plain(bytes)) {
		require(is_accepted == is_email_plain(bytes));
	} else {
		require(!is_accepted);
	}
	require(!is_accepted || !vero::is_email_placeholder(bytes));
	return 0;
}
