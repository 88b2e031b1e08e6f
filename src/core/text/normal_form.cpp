// Unicode's normal forms: one spelling for texts that look alike.
#include "core/text/normal_form.hpp"

#include "core/text/character.hpp"

#include <algorithm>
#include <array>
#include <utf8proc.h>

namespace vero {
namespace {

int combining_class(std::int32_t point)
{
	return utf8proc_get_property(point)->combining_class;
}

/// Puts the marks behind each letter in canonical order. utf8proc's own sorting takes quadratic time for a long run of them.
void order_marks(CodePoints &points)
{
	auto const is_mark = [](std::int32_t point) { return combining_class(point) != 0; };
	for (auto start = std::find_if(points.begin(), points.end(), is_mark); start != points.end();) {
		auto const end = std::find_if_not(start, points.end(), is_mark);
		std::stable_sort(start, end, [](auto a, auto b) { return combining_class(a) < combining_class(b); });
		start = std::find_if(end, points.end(), is_mark);
	}
}

/// Each character as what it stands for, marks in canonical order.
void replace_each(CodePoints &points, int options)
{
	std::array<std::int32_t, 16> parts{}; // the longest has four
	CodePoints replaced;
	replaced.reserve(points.size());
	for (std::int32_t const point : points) {
		int boundary_class = 0;
		auto const count =
			utf8proc_decompose_char(point, parts.data(), parts.size(),
									static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE), &boundary_class);
		replaced.insert(replaced.end(), parts.begin(), parts.begin() + count);
	}
	order_marks(replaced);
	points = std::move(replaced);
}

bool is_composed_as_it_stands(CodePoints const &points)
{
	constexpr std::int32_t kFirstMark = 0x300; // what stands before it is in normal form C, alone and in every sequence
	return std::all_of(points.begin(), points.end(), [](std::int32_t point) { return point < kFirstMark; });
}

} // namespace

CodePoints to_code_points(std::string_view text)
{
	CodePoints points;
	points.reserve(text.size());
	for (std::size_t position = 0; position < text.size();) {
		auto const step = decode_utf8(text, position);
		points.push_back(static_cast<std::int32_t>(step.code_point));
		position += step.length;
	}
	return points;
}

void append_text(std::string &out, CodePoints const &points)
{
	out.reserve(out.size() + points.size());
	for (std::int32_t const point : points) {
		if (point < 0x80) {
			out += static_cast<char>(point);
		} else {
			append_utf8(out, static_cast<char32_t>(point));
		}
	}
}

void decompose(CodePoints &points)
{
	replace_each(points, UTF8PROC_DECOMPOSE);
}

void compose_plainly(CodePoints &points)
{
	decompose(points);
	auto const size = utf8proc_normalize_utf32(points.data(), static_cast<utf8proc_ssize_t>(points.size()),
											   static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
	points.resize(static_cast<std::size_t>(size));
}

void compose(CodePoints &points)
{
	if (!is_composed_as_it_stands(points)) {
		compose_plainly(points);
	}
}

void fold_case(CodePoints &points)
{
	replace_each(points, UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
}

} // namespace vero
