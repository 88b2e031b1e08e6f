// What each column of a file means: found by its name, or as told.
#pragma once

#include "core/csv/record.hpp"
#include "core/property/property_value.hpp"
#include "core/text/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// Characters of a property's name, which every event repeats.
constexpr std::size_t kMaxPropertyNameLength = 1000;

enum class Role : unsigned char {
	email,
	event_name,
	time,
	clock, ///< joined to the time's, in which the date stands
	property,
	ignored, ///< told to be left out
	unnamed, ///< without a name: must stay blank
};

struct Column {
	std::string name; ///< as messages show the one in the file (clip_printable)
	Role role = Role::property;
	std::string property = {}; ///< the property's key, where the role is property
	PropertyType type = PropertyType::text;
};

/// One entry of the option `columns`: what a column of the file is to be.
struct ColumnTarget {
	std::string target;				   ///< email, event_name (or name), time, or a property's key
	std::optional<std::string> column; ///< the column's name in the file; none: the column named `target` is left out
	std::optional<std::string> clock = {}; ///< of the time: a second column, which is joined to the first by a space
};

/// The option `property_types`: what the cells of properties become.
struct PropertyTypes {
	PropertyType others = PropertyType::text; ///< of columns that are not named
	struct Named {
		std::string column; ///< its name in the file
		PropertyType type;
	};
	std::vector<Named> named = {};
};

struct Header {
	std::vector<Column> columns;
	std::size_t email = 0;				   ///< index of the column
	std::optional<std::size_t> event_name; ///< none: the import's options name the event
	std::size_t time = 0;				   ///< index of the column
	std::optional<std::size_t> clock = {}; ///< index of a column whose text stands behind the time's
};

/// Why a file fails as a whole, in words for the person who made it.
struct FileFailure {
	std::string message;
	std::string hint;
	bool no_email_column = false;				 ///< another delimiter may still find one
	std::vector<Role> missing_columns = {};		 ///< where that is why, or one of two reasons
	std::vector<std::string> doubled_names = {}; ///< the same, of properties that may be left out
	std::string detail = {};					 ///< of an error, for whom nothing else tells it

	std::string words() const { return hint.empty() ? message : message + ". " + hint; }
};

/// Whether a property's name has more than kMaxPropertyNameLength characters.
bool is_too_long(std::string_view property);

/// Whether a file may have so many columns.
Result<void, FileFailure> check_column_count(std::uint64_t count);

/// Gives every column its meaning. `names` are the header's cells in order; no two columns that are imported have the same name to the
/// letter. `has_event_name`: the options name the event, so that no column is looked for. `targets` come first, then the known names in
/// their order of preference. Both find columns without regard to case, white space, underscores and dashes (fold_name); a target does so
/// only where no column has its name to the letter. `types` name columns as targets do, and properties only.
Result<Header, FileFailure> resolve_header(std::vector<std::string> names, std::span<ColumnTarget const> targets,
										   bool has_event_name, PropertyTypes const &types = {});

} // namespace vero
