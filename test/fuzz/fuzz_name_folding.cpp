// Fuzzes the folding of names, and the normal forms that it rests on, against utf8proc's own way through a whole text.
#include "core/text/character.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/normal_form.hpp"
#include "support/plain_utf8.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utf8proc.h>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

std::string map_whole(std::string const &text, int options)
{
	utf8proc_uint8_t *mapped = nullptr;
	auto const size = utf8proc_map(reinterpret_cast<utf8proc_uint8_t const *>(text.data()),
								   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
								   static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
	require(size >= 0);
	std::string result(reinterpret_cast<char const *>(mapped), static_cast<std::size_t>(size));
	std::free(mapped);
	return result;
}

std::string without_left_out(std::string const &text)
{
	std::string kept;
	for (std::int32_t const point : vero::to_code_points(text)) {
		auto const c = static_cast<char32_t>(point);
		if (!vero::is_white_space(c) && !vero::is_dash(c) && !vero::is_underscore(c) && !vero::is_invisible(c)) {
			vero::append_utf8(kept, c);
		}
	}
	return kept;
}

std::string fold_name_plain(std::string const &name)
{
	auto const apart = map_whole(without_left_out(name), UTF8PROC_DECOMPOSE);
	auto const folded = map_whole(apart, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
	return map_whole(folded, UTF8PROC_COMPOSE);
}

void check_form(std::string const &text, void (*normalize)(vero::CodePoints &), int option)
{
	auto points = vero::to_code_points(text);
	normalize(points);
	std::string normal;
	vero::append_text(normal, points);
	require(normal == map_whole(text, option));
	normalize(points);
	std::string again;
	vero::append_text(again, points);
	require(again == normal);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string const bytes(reinterpret_cast<char const *>(data), size);
	auto const folded = vero::fold_name(bytes);
	if (vero::test::is_utf8_plain(bytes)) {
		require(vero::fold_name(folded) == folded);
		require(folded == fold_name_plain(bytes));
		check_form(bytes, vero::decompose, UTF8PROC_DECOMPOSE);
		check_form(bytes, vero::compose, UTF8PROC_COMPOSE);
	}
	return 0;
}
