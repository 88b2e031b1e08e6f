// Sends the mail that a campaign would write to people who try it out: vero.send_test().
#include "core/text/text.hpp"
#include "pg/base/address.hpp"
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/campaigns/preview.hpp"
#include "pg/outbox/recipients.hpp"
#include "pg/outbox/suppressions.hpp"
#include "pg/outbox/test_mail.hpp"
#include "pg/sql/spi.hpp"

#include <algorithm>

namespace vero::pg {
namespace {

/// In their normal form, each once.
std::vector<std::string> read_recipients(std::string_view list)
{
	std::vector<std::string> recipients;
	std::vector<std::string> given = split_addresses(list);
	if (given.size() > kMaxRecipients) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
					 "a test goes to " + std::to_string(kMaxRecipients) + " addresses at most",
					 std::to_string(given.size()) + " are given.", ""};
	}
	if (given.empty())
		given.emplace_back();
	for (std::string const &address : given) {
		std::string email = require_normal_email(address);
		if (std::find(recipients.begin(), recipients.end(), email) == recipients.end())
			recipients.push_back(std::move(email));
	}
	return recipients;
}

void check_allowed(Catalog const &catalog)
{
	if (!may_name_recipients(catalog)) {
		throw Report{ERRCODE_INSUFFICIENT_PRIVILEGE, "permission denied to send a test", "",
					 "To have mail sent to whomever one names takes INSERT on vero.messages."};
	}
}

/// A test is campaign mail, too, which people who were forgotten do not get. From here on nobody is forgotten until the transaction ends.
void check_none_forgotten(Catalog const &catalog, std::vector<std::string> const &recipients)
{
	call([&] { keep_suppressions(catalog); });
	std::vector<std::size_t> forgotten = find_suppressed(catalog, {recipients.begin(), recipients.end()});
	if (!forgotten.empty()) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
					 quote_clipped(recipients[forgotten.front()]) + " was forgotten, and gets no campaign mail", "",
					 ""};
	}
}

/// Of the campaign that the first argument names and the event that `find_job` finds for it, to whom the third one says.
Datum send_test(FunctionCallInfo fcinfo, FindJob find_job)
{
	return enter([&] {
		require_argument(fcinfo, 0, "campaign");
		require_argument(fcinfo, 2, "address");
		std::string name = *text_argument(fcinfo, 0), list = *text_argument(fcinfo, 2);
		SpiConnection spi;
		Catalog catalog = find_catalog();
		check_allowed(catalog);
		std::vector<std::string> recipients = read_recipients(list);
		check_none_forgotten(catalog, recipients);
		Preview preview = make_preview(catalog, find_job(catalog, find_campaign(catalog, name), fcinfo));
		return Int64GetDatum(put_test_into_outbox(catalog, preview.mail, recipients));
	});
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_send_test_event)
{
	return send_test(fcinfo, job_of_event);
}

VERO_FUNCTION(vero_send_test_contact)
{
	return send_test(fcinfo, job_of_latest);
}
