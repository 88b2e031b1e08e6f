// Unicode's normal forms: one spelling for texts that look alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// A text, character by character.
using CodePoints = std::vector<std::int32_t>;

/// `text` is well-formed UTF-8.
CodePoints to_code_points(std::string_view text);
/// Appends the characters as UTF-8.
void append_text(std::string &out, CodePoints const &points);

/// Normalization Form D: letters apart from their marks, marks in canonical order. Takes n log n time for whatever stands there.
void decompose(CodePoints &points);
/// Normalization Form C: as few characters as can be.
void compose(CodePoints &points);
/// The same, without a look at whether there is anything to do: the oracle of `compose`.
void compose_plainly(CodePoints &points);
/// Full case folding (statuses C and F of Unicode's CaseFolding.txt): "ß" is "ss". `points` are decomposed, and stay so: what is equal
/// then is a canonical caseless match (Unicode 15, section 3.13, D145).
void fold_case(CodePoints &points);

} // namespace vero
