// Says what became of a person's events for a campaign: vero.why().
#include "pg/base/address.hpp"
#include "pg/base/arguments.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/campaigns/spread_decisions.hpp"
#include "pg/outbox/named_campaign.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/relation.h"
#include "catalog/namespace.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"
}

namespace vero::pg {
namespace {

// As the caller, who may see what the view shows to him.
constexpr Statement kDecisions{
	R"(
	SELECT d.event_id, d.event_name, d.occurred_at, d.import_id, d.state, d.message_id, d.why
	FROM vero.decisions AS d
	WHERE d.email OPERATOR(pg_catalog.=) $1 AND d.campaign OPERATOR(pg_catalog.=) $2
	ORDER BY d.occurred_at, d.event_id)",
	{TEXTOID, TEXTOID},
	{{"event_id", INT8OID},
	 {"event_name", TEXTOID},
	 {"occurred_at", TIMESTAMPTZOID},
	 {"import_id", INT8OID},
	 {"state", TEXTOID},
	 {"message_id", INT8OID},
	 {"why", TEXTOID}}};

/// A view of which the caller sees what its owner would: the rights of whoever looks make no difference.
bool is_seen_as_owner(Oid view)
{
	Relation relation = relation_open(view, AccessShareLock);
	bool is_seen = relation->rd_rel->relkind == RELKIND_VIEW && !RelationHasSecurityInvoker(relation);
	relation_close(relation, NoLock);
	return is_seen && pg_class_aclcheck(view, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/// To be called in call().
Returned<kDecisions> find_decisions(Catalog const &catalog, std::string const &email, std::string const &campaign)
{
	Oid view = catalog.is_distributed ? get_relname_relid("decisions", get_rel_namespace(catalog.events)) : InvalidOid;
	if (OidIsValid(view) && is_seen_as_owner(view))
		return Returned<kDecisions>(find_spread_decisions(view, email, campaign));
	return run<kDecisions>({email, campaign});
}

void put_row(ReturnSetInfo *result, Row<kDecisions> const &row)
{
	std::optional<Datum> const columns[] = {row.optional_datum("event_id"),	   row.optional_datum("event_name"),
											row.optional_datum("occurred_at"), row.optional_datum("import_id"),
											row.optional_datum("state"),	   row.optional_datum("message_id"),
											row.optional_datum("why")};
	Datum values[std::size(columns)];
	bool nulls[std::size(columns)];
	for (std::size_t i = 0; i < std::size(columns); i++) {
		values[i] = columns[i].value_or(0);
		nulls[i] = !columns[i];
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_why)
{
	return enter([&] {
		require_argument(fcinfo, 0, "email");
		require_argument(fcinfo, 1, "campaign");
		std::string const campaign = *text_argument(fcinfo, 1);
		std::string const email = require_normal_email(*text_argument(fcinfo, 0));
		call([&] { InitMaterializedSRF(fcinfo, 0); });
		SpiConnection spi;
		Catalog const catalog = find_catalog();
		auto rows = call([&] { return find_decisions(catalog, email, campaign); });
		if (rows.count() == 0)
			(void)find_campaign(catalog, campaign);
		auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
		call([&] {
			for (std::size_t i = 0; i < rows.count(); i++)
				put_row(result, rows[i]);
		});
		return static_cast<Datum>(0);
	});
}
