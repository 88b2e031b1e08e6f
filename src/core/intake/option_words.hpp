// Options as the user would write them, for messages that name the one that helps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vero {

/// How the import was called, and so how its options are written.
enum class Notation : unsigned char {
	function, ///< skip_lines => 2
	copy,	  ///< skip_lines 2
};

/// As PostgreSQL calls it.
constexpr std::string_view kWindows1252 = "WIN1252";

std::string write_option(Notation notation, std::string_view name, std::uint64_t value);
/// The value becomes a literal of SQL's.
std::string write_option(Notation notation, std::string_view name, std::string_view value);

} // namespace vero
