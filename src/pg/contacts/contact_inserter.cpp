// Creates contacts that Citus keeps on all nodes.
#include "pg/contacts/contact_inserter.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/subtransaction.hpp"
#include "pg/bulk/ids.hpp"
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/pg_type_d.h"
#include "utils/rel.h"
#include "utils/rls.h"
}

namespace vero::pg {
namespace {

constexpr std::array<char const *, 3> kInsertedColumns{"id", "email", "created_by_import"};

constexpr Statement kCreateMissing{
	R"(
	INSERT INTO vero.contacts (id, email, created_by_import) OVERRIDING SYSTEM VALUE
	SELECT u.id, u.email, $3
	FROM unnest($1, $2) AS u (id, email))",
	{INT8ARRAYOID, TEXTARRAYOID, INT8OID}};

/// InvalidOid where something else is to happen to a contact than that it is stored on all nodes.
Oid find_sequence(Catalog const &catalog)
{
	if (!catalog.is_distributed)
		return InvalidOid;
	Relation relation = table_open(catalog.contacts, RowExclusiveLock);
	bool is_plain = relation->rd_rules == nullptr && is_as_made(kOwnContacts, relation, kInsertedColumns) &&
					check_enable_rls(catalog.contacts, catalog.owner, true) != RLS_ENABLED;
	table_close(relation, NoLock);
	return is_plain ? own_id_sequence(catalog.contacts, Ids::given) : InvalidOid;
}

bool is_conflict(ErrorData const *error)
{
	return error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION;
}

} // namespace

ContactInserter::ContactInserter(Catalog const &catalog) : catalog_(catalog)
{
	call([&] {
		sequence_ = find_sequence(catalog);
		if (OidIsValid(sequence_))
			memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events new contacts", ALLOCSET_SMALL_SIZES);
	});
}

bool ContactInserter::create(std::span<StoredBytes const> emails, std::int64_t import_id, std::span<std::int64_t> ids)
{
	call([&] { draw_ids(sequence_, ids); });
	auto failure = try_in_subtransaction(
		[&] {
			call([&] {
				MemoryContext before = MemoryContextSwitchTo(memory_);
				as_owner(catalog_, [&] {
					Datum id_array = int8_array(ids.size(), [&](std::size_t i) { return ids[i]; });
					Datum email_array = make_array(emails.size(), kText,
												   [&](std::size_t i) { return std::optional(as_varlena(emails[i])); });
					run<kCreateMissing>(create_, {id_array, email_array, import_id});
				});
				MemoryContextSwitchTo(before);
				MemoryContextReset(memory_);
			});
		},
		is_conflict);
	return !failure;
}

} // namespace vero::pg
