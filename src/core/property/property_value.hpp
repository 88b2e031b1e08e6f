// What a cell becomes as a property: a text, or a number, boolean or JSON if it is one to the letter.
#pragma once

#include "core/property/decimal.hpp"
#include "core/property/json_reader.hpp"
#include "core/property/jsonb.hpp"
#include "core/text/option_words.hpp"
#include "core/text/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace vero {

enum class PropertyType : unsigned char {
	text,
	number,
	boolean,
	json,
	automatic, ///< a number or boolean where that is written exactly as the cell; else text
};

/// The type that the option `property_types` calls so.
std::optional<PropertyType> find_property_type(std::string_view name);

/// Why a cell has no value of its column's type.
struct PropertyFault {
	std::string what; ///< continues "column ... holds ...,": which is no number
	std::string help; ///< an option that would read it; empty: another type would
};

class PropertyReader {
public:
	/// `decimal_mark`: '.' or ','; none: '.', and thousands do not stand in groups.
	/// `notation`: of the options in messages.
	PropertyReader(std::optional<char> decimal_mark, Notation notation)
		: decimal_mark_(decimal_mark), notation_(notation)
	{
	}

	/// Appends the value of the text, which is well-formed UTF-8 without NUL, to `out` as PostgreSQL stores it, and says what it is.
	/// White space round anything but a text is dropped. Where it fails, `out` has what it had.
	Result<JsonbType, PropertyFault> read(PropertyType type, std::string_view text, std::string &out);

private:
	Result<JsonbType, PropertyFault> read_number_cell(std::string_view text, std::string &out);
	JsonbType read_as_written(std::string_view text, std::string &out);

	std::optional<char> decimal_mark_;
	Notation notation_;
	Decimal number_;
	JsonReader json_;
};

} // namespace vero
