// What each column of a file means: found by its name, or as told.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace vero {

/// Columns that a file may have.
constexpr std::size_t kMaxColumns = 10'000;

enum class Role : unsigned char {
	email,
	event_name,
	time,
	property,
	ignored, ///< told to be left out
	unnamed, ///< without a name: must stay blank
};

struct Column {
	std::string name; ///< as written in the file
	Role role = Role::property;
	std::string property; ///< the property's key, where the role is property
};

/// One entry of the option `columns`: what a column of the file is to be.
struct ColumnTarget {
	std::string target;				   ///< email, event_name (or name), time, or a property's key
	std::optional<std::string> column; ///< the column's name in the file; none: the column named `target` is left out
};

struct Header {
	std::vector<Column> columns;
	std::size_t email = 0;				   ///< index of the column
	std::optional<std::size_t> event_name; ///< none: the import's options name the event
	std::size_t time = 0;				   ///< index of the column
};

/// Why a file fails as a whole, in words for the person who made it.
struct FileFailure {
	std::string message;
	std::string hint;
	bool no_email_column = false; ///< another delimiter may still find one

	std::string words() const { return hint.empty() ? message : message + ". " + hint; }
};

/// Gives every column its meaning. Names compare without regard to case, spaces, underscores and dashes (fold_name).
/// `names` are the header's cells in order; `has_event_name`: the options name the event, so that no column is looked for;
/// `targets` come first, then the known names in their order of preference.
std::variant<Header, FileFailure> resolve_header(std::vector<std::string> const &names,
												 std::span<ColumnTarget const> targets, bool has_event_name);

} // namespace vero
