// Says why a text was not read as a time, and which layouts would read it.
#pragma once

#include "core/text/option_words.hpp"
#include "core/time/time_layout.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// Bytes; what is longer has no common layout.
constexpr std::size_t kLongestTime = 60;

/// Of the layouts that files often have those that read `text`, in a fixed order. Two may read it as different times: "01/02/2022" fits
/// %d/%m/%Y and %m/%d/%Y.
std::vector<std::string_view> find_fitting_layouts(std::string_view text);

/// Of the same layouts those that read texts which are written as this one is, though its own day or hour may not exist: of "25/12/2022" both.
/// They live as long as the program.
std::vector<TimeLayout const *> find_similar_layouts(std::string_view text);

/// "time_formats => '{%d/%m/%Y}' or '{%m/%d/%Y}' would read", of the first few; nothing where there are none.
std::string recommend_layouts(std::span<std::string_view const> layouts, Notation notation);

/// Which day, hour or the like does not exist, where the text is written as in ISO 8601.
std::optional<TimeFault> find_iso_fault(std::string_view text);

struct UnreadTime {
	std::string words; ///< one sentence, in PostgreSQL's style
	bool is_iso_fault; ///< find_iso_fault() finds one
};

/// About a text that neither ISO 8601 nor any of `layouts` reads. `where` stands behind the text, and may be empty. `notation`: of the option that is named.
UnreadTime explain_unread_time(std::string_view text, std::string_view where, TimeZone const &zone,
							   TimeLayouts const &layouts, Notation notation);

} // namespace vero
