// Checks the options that say what the cells of properties become.
#include "pg/import/property_options.hpp"

#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"

#include <utility>

namespace vero::pg {
namespace {

Report invalid(std::string message, std::string hint = "")
{
	return Report{ERRCODE_INVALID_PARAMETER_VALUE, std::move(message), "", std::move(hint)};
}

} // namespace

PropertyTypes check_property_types(Datum property_types)
{
	PropertyTypes types;
	for (JsonbMember &member : read_jsonb_object(property_types, "property_types")) {
		std::optional<PropertyType> type;
		if (member.texts.size() == 1)
			type = find_property_type(member.texts.front());
		if (!type) {
			throw invalid("option \"property_types\" has no type for " + quote_clipped(member.key) +
							  (member.texts.size() == 1 ? ": " + quote_clipped(member.texts.front()) + " is none" : ""),
						  "Types are \"text\", \"number\", \"boolean\", \"json\" and \"auto\".");
		}
		if (member.key == "*") {
			types.others = *type;
		} else if (fold_name(member.key).empty()) {
			throw invalid("option \"property_types\" has an empty name");
		} else {
			types.named.push_back({std::move(member.key), *type});
		}
	}
	return types;
}

char check_decimal_mark(std::string const &text, bool has_property_types)
{
	if (text != "." && text != ",")
		throw invalid("\"decimal_mark\" must be \".\" or \",\"");
	if (!has_property_types) {
		throw invalid("option \"decimal_mark\" needs the option \"property_types\"",
					  "It says which columns hold numbers, for example '{\"price\": \"number\"}'.");
	}
	return text.front();
}

} // namespace vero::pg
