// What SQL asks about addresses and names, and the constraint of vero.contacts.
#include "core/text/email_syntax.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"

namespace vero::pg {
namespace {

/// Trimmed as a record's cells are. Nothing for what is no address.
std::optional<std::string> normal_email(std::string_view address)
{
	std::string normal;
	if (!append_normal_email(normal, trim_unseen(address)))
		return std::nullopt;
	return normal;
}

Report no_address(int sqlstate, std::string_view address)
{
	return Report{sqlstate, quote_clipped(address) + " is not an email address",
				  describe_email_fault(trim_unseen(address)), ""};
}

Datum text_result(std::string_view text)
{
	return call([text] { return text_datum(text); });
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_normal_email)
{
	return enter([&] {
		std::string address = *text_argument(fcinfo, 0);
		std::optional<std::string> normal = normal_email(address);
		if (!normal)
			throw no_address(ERRCODE_INVALID_PARAMETER_VALUE, address);
		return text_result(*normal);
	});
}

VERO_FUNCTION(vero_is_email)
{
	return enter([&] { return BoolGetDatum(normal_email(*text_argument(fcinfo, 0)).has_value()); });
}

VERO_FUNCTION(vero_is_normal_email)
{
	return enter([&] {
		std::string address = *text_argument(fcinfo, 0);
		std::optional<std::string> normal = normal_email(address);
		if (!normal)
			throw no_address(ERRCODE_CHECK_VIOLATION, address);
		if (*normal != address) {
			throw Report{ERRCODE_CHECK_VIOLATION,
						 vero::quote_clipped(address) +
							 " is not the normal form of an email address, by which contacts are known",
						 "Its normal form is " + vero::quote_clipped(*normal) + ".",
						 "Addresses are brought into their normal form by vero.normal_email(...)."};
		}
		return BoolGetDatum(true);
	});
}

VERO_FUNCTION(vero_folded_name)
{
	return enter([&] { return text_result(vero::fold_name(*text_argument(fcinfo, 0))); });
}
