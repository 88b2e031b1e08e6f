// When two names that people write are the same name.
#include "core/text/name_folding.hpp"

#include "core/text/character.hpp"
#include "core/text/normal_form.hpp"
#include "core/text/text.hpp"

namespace vero {
namespace {

bool is_left_out(char32_t c)
{
	return is_white_space(c) || is_underscore(c) || is_dash(c) || is_invisible(c);
}

std::string fold_ascii(std::string_view name)
{
	std::string folded;
	folded.reserve(name.size());
	for (char const c : name) {
		auto const byte = static_cast<unsigned char>(c);
		if (byte > ' ' && c != '_' && c != '-' && c != '\x7F') {
			folded.push_back(lower_ascii(c));
		}
	}
	return folded;
}

} // namespace

std::string fold_name(std::string_view name)
{
	if (is_ascii(name) || !is_utf8(name)) {
		return fold_ascii(name);
	}
	CodePoints points = to_code_points(name);
	std::erase_if(points, [](std::int32_t point) { return is_left_out(static_cast<char32_t>(point)); });
	decompose(points);
	fold_case(points);
	compose(points);
	std::string folded;
	append_text(folded, points);
	return folded;
}

} // namespace vero
