// Options as the user would write them, for messages that name the one that helps.
#pragma once

#include <cstddef>
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

/// Bytes of a name of the file's in an option that is proposed. A longer one is left to the user.
constexpr std::size_t kLongestProposedName = 200;

std::string write_option(Notation notation, std::string_view name, std::uint64_t value);
/// The value becomes a literal of SQL's.
std::string write_option(Notation notation, std::string_view name, std::string_view value);
/// A string of JSON's in which nothing is unseen: what to_visible() writes out is an escape of JSON's, too.
std::string write_json_string(std::string_view text);

} // namespace vero
