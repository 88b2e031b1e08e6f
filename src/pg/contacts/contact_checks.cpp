// What SQL asks about addresses and names, and the constraint of vero.contacts.
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/address.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"

namespace vero::pg {
namespace {

Datum text_result(std::string_view text)
{
	return call([text] { return text_datum(text); });
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_normal_email)
{
	return enter([&] { return text_result(require_normal_email(*text_argument(fcinfo, 0))); });
}

VERO_FUNCTION(vero_is_email)
{
	return enter([&] { return BoolGetDatum(normal_email(*text_argument(fcinfo, 0)).has_value()); });
}

VERO_FUNCTION(vero_is_normal_email)
{
	return enter([&] {
		std::string address = *text_argument(fcinfo, 0);
		std::string normal = require_normal_email(address, ERRCODE_CHECK_VIOLATION);
		if (normal != address) {
			throw Report{ERRCODE_CHECK_VIOLATION,
						 vero::quote_clipped(address) +
							 " is not the normal form of an email address, by which contacts are known",
						 "Its normal form is " + vero::quote_clipped(normal) + ".",
						 "Addresses are brought into their normal form by vero.normal_email(...)."};
		}
		return BoolGetDatum(true);
	});
}

VERO_FUNCTION(vero_folded_name)
{
	return enter([&] { return text_result(vero::fold_name(*text_argument(fcinfo, 0))); });
}
