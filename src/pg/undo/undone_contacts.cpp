// Removes the contacts that an import created and that nothing else has touched.
#include "pg/undo/undone_contacts.hpp"

#include "pg/base/compat.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/sql/statement.hpp"
#include "pg/undo/contact_batch.hpp"
#include "pg/undo/contact_events.hpp"
#include "pg/undo/index_settings.hpp"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr Statement kCreated{
	R"(
	SELECT c.id, c.ctid, c.unsubscribed_at IS NULL AND c.properties = '{}' AS is_bare
	FROM vero.contacts AS c
	WHERE c.created_by_import = $1 AND c.id > $2
	ORDER BY c.id
	LIMIT $3)",
	{INT8OID, INT8OID, INT4OID},
	{{"id", INT8OID}, {"ctid", TIDOID}, {"is_bare", BOOLOID}}};

constexpr Statement kMailed{
	R"(
	SELECT DISTINCT m.contact_id AS id
	FROM vero.messages AS m
	WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = ANY ($1)
		AND m.state <> ALL ('{failed,cancelled}'::text[]))",
	{INT8ARRAYOID},
	{{"id", INT8OID}}};

// Whoever gives a contact an event locks it, until his transaction ends.
constexpr Statement kLockContacts{
	R"(
	WITH locked AS MATERIALIZED (
		SELECT c.id
		FROM vero.contacts AS c
		WHERE c.id = ANY ($1)
		FOR UPDATE SKIP LOCKED)
	SELECT ARRAY(SELECT x.id FROM locked AS x) AS ids)",
	{INT8ARRAYOID},
	{{"ids", INT8ARRAYOID}}};

// By a statement of its own, which sees what was committed before the lock was had.
constexpr Statement kFindUntouched{
	R"(
	SELECT c.ctid, c.id
	FROM vero.contacts AS c
	WHERE c.id = ANY ($1) AND c.created_by_import = $2 AND c.unsubscribed_at IS NULL AND c.properties = '{}'
		AND NOT EXISTS (SELECT FROM vero.events AS e WHERE e.contact_id = c.id)
		AND NOT EXISTS (
			SELECT
			FROM vero.messages AS m
			WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = c.id
				AND m.state <> ALL ('{failed,cancelled}'::text[])))",
	{INT8ARRAYOID, INT8OID},
	{{"ctid", TIDOID}, {"id", INT8OID}}};

// The same where Citus distributes the events, and looks nothing up for each contact.
constexpr Statement kFindSpreadUntouched{
	R"(
	WITH active AS MATERIALIZED (
		SELECT DISTINCT e.contact_id
		FROM vero.events AS e
		WHERE e.contact_id = ANY ($1)),
	mailed AS MATERIALIZED (
		SELECT m.contact_id
		FROM vero.messages AS m
		WHERE m.campaign_id = ANY (ARRAY(SELECT k.id FROM vero.campaigns AS k)) AND m.contact_id = ANY ($1)
			AND m.state <> ALL ('{failed,cancelled}'::text[]))
	SELECT c.ctid, c.id
	FROM vero.contacts AS c
	WHERE c.id = ANY ($1) AND c.created_by_import = $2 AND c.unsubscribed_at IS NULL AND c.properties = '{}'
		AND c.id NOT IN (SELECT a.contact_id FROM active AS a) AND c.id NOT IN (SELECT m.contact_id FROM mailed AS m))",
	{INT8ARRAYOID, INT8OID},
	{{"ctid", TIDOID}, {"id", INT8OID}}};

constexpr Statement kRemove{
	R"(
	DELETE FROM vero.contacts
	WHERE id = ANY ($1))",
	{INT8ARRAYOID}};

/// The contacts that an import created, which are removed a batch at a time.
class Removal {
public:
	Removal(Catalog const &catalog, std::int64_t import) : catalog_(catalog), import_(import) {}

	/// Looks at the next ones, without a lock, and leaves in the batch whom nothing seems to have touched. Says how many it has looked at.
	std::int64_t look(Batch &batch);
	/// Removes from the batch whom nobody has in hand, if nothing has touched one of them since: who was removed is in the batch no more.
	void remove_at_once(Batch &batch);
	/// Locks them first, and looks again. Says how many were removed.
	std::int64_t remove_locked(Batch const &batch) const;

private:
	/// As the owner, by the indexes.
	template <class Work> std::invoke_result_t<Work> do_as_owner(Work &&work) const
	{
		return call([&] {
			return as_owner(catalog_, [&] {
				use_indexes();
				// a plain scan ends at a contact's first event
				(void)set_config_option("enable_bitmapscan", "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
										0, false);
				return work();
			});
		});
	}

	bool mark_touched(Batch const &batch, std::span<bool> marks) const;
	bool is_touched(Batch const &batch, std::span<bool const> busy) const;
	template <Statement const &untouched> std::int64_t remove_untouched(Relation contacts, Datum ids) const;

	Catalog const &catalog_;
	std::int64_t import_, last_ = 0;
	CommitState looked_at_;
	bool has_seen_ = false; ///< the events of those in the batch
};

Datum ids_of(Batch const &batch)
{
	return int8_array(batch.count, [&](std::size_t i) { return batch.ids[i]; });
}

std::int64_t Removal::look(Batch &batch)
{
	return do_as_owner([&] {
		looked_at_ = CommitState::now();
		auto rows = run<kCreated>({import_, last_, kContactsAtOnce});
		auto found = static_cast<std::int64_t>(rows.count());
		batch.count = rows.count();
		for (std::size_t i = 0; i < rows.count(); i++) {
			last_ = batch.ids[i] = rows[i].int8("id");
			batch.places[i] = rows[i].tid("ctid");
			batch.is_marked[i] = !rows[i].boolean("is_bare");
		}
		has_seen_ = mark_touched(batch, batch.marks());
		batch.retain(false);
		return found;
	});
}

/// Those who have an event or mail, as far as that is committed. False where a partition has no index by which they could be found.
bool Removal::mark_touched(Batch const &batch, std::span<bool> marks) const
{
	List *contact_indexes = catalog_.is_distributed ? NIL : find_contact_indexes(catalog_.events);
	if (contact_indexes == NIL)
		return false;
	find_events(contact_indexes, batch.all(), marks);
	auto mailed = run<kMailed>({ids_of(batch)});
	for (std::size_t i = 0; i < mailed.count(); i++) {
		auto ids = batch.all();
		marks[std::lower_bound(ids.begin(), ids.end(), mailed[i].int8("id")) - ids.begin()] = true;
	}
	return true;
}

/// Removes those whom nobody has in hand, and marks the others.
void mark_busy(Relation contacts, Batch &batch)
{
	PushActiveSnapshot(GetLatestSnapshot());
	CommandId command = GetCurrentCommandId(true);
	for (std::size_t i = 0; i < batch.count; i++) {
		batch.is_marked[i] = compat::delete_tuple(contacts, &batch.places[i], command, GetActiveSnapshot()) != TM_Ok;
	}
	PopActiveSnapshot();
}

void Removal::remove_at_once(Batch &batch)
{
	if (batch.count == 0 || !has_seen_)
		return;
	bool is_failed = keep_unless_failed([&] {
		return do_as_owner([&] {
			Relation contacts = table_open(catalog_.contacts, RowExclusiveLock);
			bool is_possible = are_only_events_looked_for(catalog_, contacts);
			if (is_possible)
				mark_busy(contacts, batch);
			table_close(contacts, NoLock);
			return !is_possible || (CommitState::now() != looked_at_ && is_touched(batch, batch.marks()));
		});
	});
	if (!is_failed)
		batch.retain(true);
}

/// Whether something has touched one of the others.
bool Removal::is_touched(Batch const &batch, std::span<bool const> busy) const
{
	auto *marks = static_cast<bool *>(palloc(batch.count));
	std::copy(busy.begin(), busy.end(), marks);
	return !mark_touched(batch, {marks, batch.count}) || !std::equal(busy.begin(), busy.end(), marks);
}

/// Those of these contacts, which are locked, that nothing has touched, so that nobody moves or removes them meanwhile; says how many.
template <Statement const &untouched> std::int64_t Removal::remove_untouched(Relation contacts, Datum ids) const
{
	auto rows = run<untouched>({ids, import_});
	std::size_t count = rows.count();
	if (are_only_events_looked_for(catalog_, contacts)) {
		for (std::size_t i = 0; i < count; i++) {
			ItemPointerData place = rows[i].tid("ctid");
			simple_table_tuple_delete(contacts, &place, GetActiveSnapshot());
		}
	} else if (count > 0) {
		auto found = int8_array(count, [&](std::size_t i) { return rows[i].int8("id"); });
		count = run<kRemove>({found}).count();
	}
	return static_cast<std::int64_t>(count);
}

std::int64_t Removal::remove_locked(Batch const &batch) const
{
	if (batch.count == 0)
		return 0;
	return do_as_owner([&] {
		auto rows = run<kLockContacts>({ids_of(batch)});
		Datum ids = rows[0].datum("ids");
		Relation contacts = table_open(catalog_.contacts, RowExclusiveLock);
		std::int64_t removed = catalog_.is_distributed ? remove_untouched<kFindSpreadUntouched>(contacts, ids)
													   : remove_untouched<kFindUntouched>(contacts, ids);
		table_close(contacts, NoLock);
		return removed;
	});
}

} // namespace

void remove_contacts(Catalog const &catalog, std::int64_t import, ContactCounts &counts)
{
	auto batch = std::make_unique<Batch>();
	Removal removal(catalog, import);
	std::int64_t found = 0;
	do {
		check_for_interrupts();
		SpiConnection const memory; // of a batch
		found = removal.look(*batch);
		auto untouched = static_cast<std::int64_t>(batch->count);
		removal.remove_at_once(*batch);
		std::int64_t removed = untouched - static_cast<std::int64_t>(batch->count);
		removed += removal.remove_locked(*batch);
		counts.removed += removed;
		counts.kept += found - removed;
	} while (found == kContactsAtOnce);
	call([] { CommandCounterIncrement(); });
}

} // namespace vero::pg
