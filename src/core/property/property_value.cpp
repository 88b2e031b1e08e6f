// What a cell becomes as a property: a text, or a number, boolean or JSON if it is one to the letter.
#include "core/property/property_value.hpp"

#include "core/property/number_cell.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vero {
namespace {

constexpr std::array<std::pair<std::string_view, PropertyType>, 5> kTypes{{{"text", PropertyType::text},
																		   {"number", PropertyType::number},
																		   {"boolean", PropertyType::boolean},
																		   {"json", PropertyType::json},
																		   {"auto", PropertyType::automatic}}};
constexpr std::array<std::string_view, 4> kTrue{"true", "yes", "1", "t"};
constexpr std::array<std::string_view, 4> kFalse{"false", "no", "0", "f"};

/// How a number shows in a message.
std::string show(Decimal const &number)
{
	return clip(to_text(number), kShownLength);
}

/// How the text reads with a decimal mark that is told; nothing where it is no number then, either.
std::optional<std::string> read_with(char mark, std::string_view text)
{
	Decimal number;
	return read_number(text, mark, number) == NumberFault::none ? std::optional(show(number)) : std::nullopt;
}

std::string what_is(NumberFault fault)
{
	switch (fault) {
	case NumberFault::special:
		return "for which JSON has no number";
	case NumberFault::leading_zeros:
		return "which a number would keep without its leading zeros";
	case NumberFault::lost_digits:
		return "whose last digits are lost: a program has written it with an exponent";
	case NumberFault::wrong_groups:
		return "in which not every group of thousands has three digits";
	case NumberFault::too_large:
		return "which has more digits than a number may have";
	case NumberFault::none:
	case NumberFault::empty:
	case NumberFault::no_number:
		break;
	}
	return "which is no number";
}

PropertyFault explain(NumberFault fault, std::string_view text, std::optional<char> decimal_mark, Notation notation)
{
	std::optional<std::string> point, comma;
	if (decimal_mark != '.')
		point = read_with('.', text);
	if (decimal_mark != ',')
		comma = read_with(',', text);
	std::string const option = write_option(notation, "decimal_mark", point ? "." : ",");
	if (point && comma && *point != *comma)
		return {"which may be " + *point + " or " + *comma, option + " or ',' says which of the two"};
	if (point || comma)
		return {what_is(fault), option + " would read it as " + (point ? *point : *comma)};
	return {what_is(fault), ""};
}

Result<JsonbType, PropertyFault> read_boolean(std::string_view text)
{
	auto const is_text = [text](std::string_view word) { return is_in_any_case(text, word); };
	if (std::any_of(kTrue.begin(), kTrue.end(), is_text))
		return JsonbType::is_true;
	if (std::any_of(kFalse.begin(), kFalse.end(), is_text))
		return JsonbType::is_false;
	return tl::make_unexpected(PropertyFault{"which is none of true, false, yes, no, t, f, 1 and 0", ""});
}

} // namespace

std::optional<PropertyType> find_property_type(std::string_view name)
{
	auto found = std::find_if(kTypes.begin(), kTypes.end(), [name](auto const &type) { return type.first == name; });
	return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

Result<JsonbType, PropertyFault> PropertyReader::read(PropertyType type, std::string_view text, std::string &out)
{
	switch (type) {
	case PropertyType::number:
		return read_number_cell(trim(text), out);
	case PropertyType::boolean:
		return read_boolean(trim(text));
	case PropertyType::json:
		return json_.read(text, out).map_error([](std::string why) { return PropertyFault{std::move(why), ""}; });
	case PropertyType::automatic:
		return read_as_written(text, out);
	case PropertyType::text:
		break;
	}
	out += text;
	return JsonbType::string;
}

Result<JsonbType, PropertyFault> PropertyReader::read_number_cell(std::string_view text, std::string &out)
{
	if (NumberFault fault = read_number(text, decimal_mark_, number_); fault != NumberFault::none)
		return tl::make_unexpected(explain(fault, text, decimal_mark_, notation_));
	append_numeric(out, number_);
	return JsonbType::number;
}

/// What gives the text back when it is shown again.
JsonbType PropertyReader::read_as_written(std::string_view text, std::string &out)
{
	if (text == "true")
		return JsonbType::is_true;
	if (text == "false")
		return JsonbType::is_false;
	if (read_number(text, decimal_mark_, number_) == NumberFault::none &&
		to_text(number_, decimal_mark_.value_or('.')) == text) {
		append_numeric(out, number_);
		return JsonbType::number;
	}
	out += text;
	return JsonbType::string;
}

} // namespace vero
