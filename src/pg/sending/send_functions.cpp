// Sends mail for whoever waits for it: vero.send_mail().
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/settings.hpp"
#include "pg/outbox/delivery_right.hpp"
#include "pg/sending/delivery.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/procedure.hpp"
#include "pg/sql/spi.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

void require_server()
{
	if (smtp_url().empty()) {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "no SMTP server is set", "",
					 "Set vero_events.smtp_url in postgresql.conf or by ALTER SYSTEM, and reload."};
	}
	if (has_ignored_secrets()) {
		call([] {
			ereport(
				WARNING,
				(errmsg("vero_events.smtp_user and vero_events.smtp_password are not used in this session"),
				 errdetail("The library is not preloaded, so that PostgreSQL shows them to everybody."),
				 errhint("Name \"vero_events\" in shared_preload_libraries, or use vero_events.smtp_password_file.")));
		});
	}
}

MailCounts send_mail(int limit)
{
	Delivery step(
		[](std::function<void()> const &work) {
			work();
			call([] { SPI_commit(); });
		},
		Delivery::Audience::client, limit);
	step.begin();
	for (step.run(); step.is_busy(); step.run())
		(void)wait_for_mail(step, DT_NOEND);
	return step.counts();
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_send_mail)
{
	return enter([&] {
		require_no_transaction(fcinfo, "vero.send_mail()",
							   "It commits before it uses the network, and records what became of each message.",
							   "Call it by itself: CALL vero.send_mail().");
		int limit = PG_ARGISNULL(0) ? -1 : PG_GETARG_INT32(0);
		if (limit < 0)
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "\"limit\" must not be null or negative", "", ""};
		call(require_coordinator);
		require_server();
		{
			SpiConnection spi;
			require_delivery(find_catalog());
		}
		connect_without_transaction();
		MailCounts counts = send_mail(limit);
		call([] { SPI_finish(); });
		return count_row(fcinfo, {counts.sent, counts.failed, counts.retried});
	});
}
