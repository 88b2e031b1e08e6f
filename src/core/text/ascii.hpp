// Small questions about single ASCII characters.
#pragma once

#include <string>
#include <string_view>

namespace vero {

constexpr bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// A letter, a digit, or one of `others`.
constexpr bool is_alphanumeric_or(char c, std::string_view others)
{
	return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
}

/// Branch-free, so that compilers turn loops over it into vector code.
constexpr char lower_ascii(char c)
{
	auto const is_upper = static_cast<unsigned char>(c - 'A') < 26;
	return static_cast<char>(c + (is_upper ? 'a' - 'A' : 0));
}

constexpr char upper_ascii(char c)
{
	auto const is_lower = static_cast<unsigned char>(c - 'a') < 26;
	return static_cast<char>(c - (is_lower ? 'a' - 'A' : 0));
}

/// Appends `mark` and the byte as two upper-case hexadecimal digits: "%2F", "=2F".
inline void append_hex(std::string &out, char mark, char c)
{
	constexpr std::string_view kDigits = "0123456789ABCDEF";
	auto const byte = static_cast<unsigned char>(c);
	out.push_back(mark);
	out.push_back(kDigits[byte >> 4U]);
	out.push_back(kDigits[byte & 0xFU]);
}

} // namespace vero
