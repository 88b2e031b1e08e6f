// The arguments that functions of SQL have in common: what a file is, and how it is read.
#include "pg/entry/reading_arguments.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"

namespace vero::pg {

std::optional<std::vector<std::string>> array_argument(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return std::nullopt;
	return array_texts(PG_GETARG_DATUM(argument));
}

std::optional<bool> boolean_argument(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? std::nullopt : std::optional(PG_GETARG_BOOL(argument));
}

void read_reading_arguments(FunctionCallInfo fcinfo, int columns, int delimiter, GivenOptions &given)
{
	int at = columns;
	if (!PG_ARGISNULL(at))
		given.columns = PG_GETARG_DATUM(at);
	given.event_name = text_argument(fcinfo, ++at);
	given.time_zone = text_argument(fcinfo, ++at);
	given.time_formats = array_argument(fcinfo, ++at);
	if (at++; !PG_ARGISNULL(at))
		given.property_types = PG_GETARG_DATUM(at);
	given.decimal_mark = text_argument(fcinfo, ++at);
	if (at++; !PG_ARGISNULL(at))
		given.skip_lines = PG_GETARG_INT32(at);
	at++;
	given.null_padding = boolean_argument(fcinfo, at);
	given.compression = text_argument(fcinfo, ++at);
	at = delimiter;
	given.delimiter = text_argument(fcinfo, at);
	given.quote = text_argument(fcinfo, ++at);
	given.escape = text_argument(fcinfo, ++at);
	given.null_string = text_argument(fcinfo, ++at);
	given.encoding = text_argument(fcinfo, ++at);
}

} // namespace vero::pg
