// Fuzzes text: the fast UTF-8 check against the plain one, and what every answer about any bytes must keep.
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "support/plain_utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

bool ends_with(std::string_view text, std::string_view end)
{
	return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

void check_clip(std::string_view text, std::size_t limit)
{
	auto const clipped = vero::clip(text, limit);
	require(vero::test::is_utf8_plain(clipped));
	if (vero::utf8_length(text) <= limit) {
		require(clipped == text);
		return;
	}
	require(ends_with(clipped, "..."));
	std::string_view const kept(clipped.data(), clipped.size() - 3);
	require(vero::utf8_length(kept) == limit && text.substr(0, kept.size()) == kept);
}

/// The rule of unescape, one byte at a time.
std::string unescape_plain(std::string_view content, char quote, char escape)
{
	std::string value;
	for (std::size_t i = 0; i < content.size(); ++i) {
		if (content[i] == escape && i + 1 < content.size() && (content[i + 1] == quote || content[i + 1] == escape)) {
			++i;
		}
		value.push_back(content[i]);
	}
	return value;
}

/// `append` is append_lower or append_upper; `others` are the letters that it leaves none of.
void check_case(std::string_view text, void (*append)(std::string &, std::string_view), char const *others)
{
	std::string mapped = "-";
	append(mapped, text);
	require(vero::test::is_utf8_plain(mapped) && mapped[0] == '-');
	require(vero::utf8_length(mapped) == vero::utf8_length(text) + 1);
	std::string again = "-";
	append(again, std::string_view(mapped).substr(1));
	require(again == mapped);
	require(mapped.find_first_of(others, 1) == std::string::npos);
}

void check_visible(std::string_view bytes)
{
	auto const visible = vero::to_visible(bytes);
	require(vero::test::is_utf8_plain(visible) && vero::to_visible(visible) == visible);
	for (char const c : visible) {
		require(static_cast<unsigned char>(c) >= ' ' && c != '\x7F');
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string_view const bytes(reinterpret_cast<char const *>(data), size);
	bool const is_well_formed = vero::test::is_utf8_plain(bytes);
	require(vero::is_utf8(bytes) == is_well_formed);
	require(!vero::is_ascii(bytes) || is_well_formed);

	auto const printable = vero::to_printable(bytes);
	require(vero::test::is_utf8_plain(printable) && printable.find('\0') == std::string::npos);
	require(printable == bytes || !is_well_formed || bytes.find('\0') != std::string_view::npos);
	require(vero::to_printable(printable) == printable);

	auto const trimmed = vero::trim(bytes);
	require(trimmed.size() <= size && vero::trim(trimmed) == trimmed);

	std::size_t const limit = size == 0 ? 0 : data[0] % 16;
	check_clip(printable, limit);
	check_case(printable, vero::append_lower, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	check_case(printable, vero::append_upper, "abcdefghijklmnopqrstuvwxyz");
	check_visible(bytes);
	for (char const escape : {'"', '\\'}) {
		auto const value = vero::unescape(bytes, '"', escape);
		require(value.size() <= size && value == unescape_plain(bytes, '"', escape));
	}
	return 0;
}
