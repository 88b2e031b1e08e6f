// What became of one person's events where Citus distributes them.
#include "pg/campaigns/spread_decisions.hpp"

#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/syscache.h"
}

namespace vero::pg {
namespace {

constexpr Statement kContact{
	R"(
	SELECT c.id
	FROM vero.contacts AS c
	WHERE c.email = $1)",
	{TEXTOID},
	{{"id", INT8OID}}};

// Goes to the node that has them.
constexpr Statement kEvents{
	R"(
	SELECT array_agg(e.id) AS ids, array_agg(e.name) AS names, array_agg(e.occurred_at) AS times, array_agg(e.import_id) AS imports
	FROM vero.events AS e
	WHERE e.contact_id = $1)",
	{INT8OID},
	{{"ids", INT8ARRAYOID}, {"names", TEXTARRAYOID}, {"times", TIMESTAMPTZARRAYOID}, {"imports", INT8ARRAYOID}}};

constexpr std::array<Oid, 7> kTypes{INT8OID,	  INT8ARRAYOID, TEXTARRAYOID, TIMESTAMPTZARRAYOID,
									INT8ARRAYOID, TEXTOID,		TEXTOID};

/// The view's query over events that are parameters. In it tables in the search_path are called by their names alone, and a common table expression
/// comes before a table of its name. Leaves vero in the search_path.
char const *make_query(Oid view)
{
	(void)set_config_option("search_path", "pg_catalog, vero, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							true, 0, false);
	char *query = text_to_cstring(DatumGetTextPP(DirectFunctionCall1(pg_get_viewdef, ObjectIdGetDatum(view))));
	query[strlen(query) - 1] = '\0'; // its semicolon
	return psprintf(R"(
	WITH events (contact_id, id, name, occurred_at, import_id) AS (SELECT $1, e.* FROM unnest($2, $3, $4, $5) AS e)
	SELECT d.event_id, d.event_name, d.occurred_at, d.import_id, d.state, d.message_id, d.why
	FROM (%s) AS d
	WHERE d.email = $6 AND d.campaign = $7
	ORDER BY d.occurred_at, d.event_id)",
					query);
}

} // namespace

Executed find_spread_decisions(Oid view, std::string_view email, std::string_view campaign)
{
	UserSwitch caller = UserSwitch::become(owner_of(view, RELOID, Anum_pg_class_relowner));
	Executed found{nullptr, 0};
	if (auto contacts = run<kContact>({email}); contacts.count() > 0) {
		std::int64_t contact = contacts[0].int8("id");
		auto events = run<kEvents>({contact})[0];
		std::optional<Datum> const arrays[] = {events.optional_datum("ids"), events.optional_datum("names"),
											   events.optional_datum("times"), events.optional_datum("imports")};
		std::array<Datum, kTypes.size()> values{Int64GetDatum(contact)};
		std::array<char, kTypes.size()> nulls;
		nulls.fill(' ');
		for (std::size_t i = 0; i < std::size(arrays); i++) {
			values[i + 1] = arrays[i].value_or(0);
			nulls[i + 1] = arrays[i] ? ' ' : 'n';
		}
		values[5] = text_datum(email);
		values[6] = text_datum(campaign);
		// all that it reads is on this server
		found = execute_statement(prepare_statement(make_query(view), kTypes), values.data(), nulls.data());
	}
	caller.undo();
	return found;
}

} // namespace vero::pg
