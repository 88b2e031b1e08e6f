// Removes the contacts that an import created and that nothing else has touched.
#include "pg/undo/undone_contacts.hpp"

#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr int kContactsAtOnce = 10'000;

// Whoever gives a contact an event locks it, until his transaction ends.
constexpr Statement kLock{
	R"(
	WITH created AS MATERIALIZED (
		SELECT c.id
		FROM vero.contacts AS c
		WHERE c.created_by_import = $1 AND c.id > $2
		ORDER BY c.id
		LIMIT $3),
	locked AS MATERIALIZED (
		SELECT c.id
		FROM vero.contacts AS c
		WHERE c.id = ANY (ARRAY(SELECT x.id FROM created AS x))
		FOR UPDATE SKIP LOCKED)
	SELECT (SELECT count(*) FROM created) AS found, (SELECT max(x.id) FROM created AS x) AS last,
		ARRAY(SELECT x.id FROM locked AS x) AS ids)",
	{INT8OID, INT8OID, INT4OID},
	{{"found", INT8OID}, {"last", INT8OID}, {"ids", INT8ARRAYOID}}};

// By a statement of its own, which sees what was committed before the lock was had.
constexpr Statement kRemove{
	R"(
	DELETE FROM vero.contacts AS c
	WHERE c.id = ANY ($1) AND c.created_by_import = $2 AND c.unsubscribed_at IS NULL AND c.properties = '{}'
		AND NOT EXISTS (SELECT FROM vero.events AS e WHERE e.contact_id = c.id)
		AND NOT EXISTS (
			SELECT
			FROM vero.messages AS m
			WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = c.id
				AND m.state <> ALL ('{failed,cancelled}'::text[])))",
	{INT8ARRAYOID, INT8OID}};

} // namespace

void remove_contacts(std::int64_t import, ContactCounts &counts)
{
	Prepared lock, remove;
	std::int64_t found = kContactsAtOnce, last = 0;
	while (found == kContactsAtOnce) {
		auto rows = run<kLock>(lock, {import, last, kContactsAtOnce});
		found = rows[0].int8("found");
		last = rows[0].optional_int8("last").value_or(last);
		auto removed = static_cast<std::int64_t>(run<kRemove>(remove, {rows[0].datum("ids"), import}).count());
		counts.removed += removed;
		counts.kept += found - removed;
		rows.free();
	}
}

} // namespace vero::pg
