// What belongs to the extension, and whether it is still as the extension's script made it.
//
// Objects are taken for the extension's own by their membership, never by their names alone. What is on a table is taken for the
// script's own work by what it says and does: types by OID, checks and defaults by their expressions, triggers by their functions,
// foreign keys by their columns and target.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/relcache.h"
#include "utils/reltrigger.h"
}

namespace vero::pg {

/// A column as the script makes it.
struct OwnColumn {
	char const *name;
	Oid type;
	bool is_not_null = false;
	char const *default_value = nullptr; ///< SQL; null: none
	bool is_identity = false;
	Oid collation = InvalidOid; ///< InvalidOid: its type's
};

struct OwnForeignKey {
	char const *column;
	char const *table; ///< whose column id it refers to
};

/// A table as the script makes it, as far as writing rows depends on that.
struct OwnTable {
	char const *name; ///< in schema vero
	std::span<OwnColumn const> columns;
	std::span<char const *const> checks; ///< SQL
	std::span<OwnForeignKey const> foreign_keys;
	bool wakes_worker; ///< by a trigger, for each statement or row

	/// Null where there is none of that name.
	OwnColumn const *find_column(char const *column) const;
};

/// The columns of vero.events that its partitions have ranges of, and by whose hash Citus distributes it.
inline constexpr char const *kEventsPartitionedBy = "occurred_at", *kEventsDistributedBy = "contact_id";

extern OwnTable const kOwnContacts, kOwnEvents, kOwnImports, kOwnRejectedRows, kOwnTriggerJobs, kOwnMessages;

// All of these are to be called in call().

/// The extension in this database; InvalidOid where it is not installed.
Oid find_extension();

/// True for a table, view or sequence that is a member of the extension.
bool is_own_relation(Oid relation);

/// Raises an ERROR that says why where `relation`, InvalidOid where there is none, is not the extension's table vero.`name`: 42704 where
/// the extension is not installed, else 42P01 or 55000.
void require_own_table(Oid relation, char const *name);

/// True where `relation` is as the script makes `own`, as far as it matters to somebody who stores rows that have the columns `given`, and
/// honours the script's checks, foreign keys and triggers himself: the columns are all there and have their types, those that are not
/// given have their defaults, and no other check, foreign key or trigger has a say about a new row, in this session. Columns that were
/// added may be null. Rules, policies, children and indexes are other questions.
bool is_as_made(OwnTable const &own, Relation relation, std::span<char const *const> given);

/// What others have that fires when rows come, in this session: nothing, for statements or after rows (foreign keys are such), or before rows.
enum class OthersTriggers : unsigned char { none, after_rows, before_rows };

/// Both halves of is_as_made(): all but triggers and foreign keys, and these.
struct Likeness {
	bool has_own_shape;
	OthersTriggers triggers;
};
Likeness compare_as_made(OwnTable const &own, Relation relation, std::span<char const *const> given);

OthersTriggers find_others_triggers(OwnTable const &own, Relation relation, std::span<char const *const> given);

/// Disables in `triggers`, a copy of the relation's, those for new rows that the writer of the rows honours himself. False where no others are left.
bool leave_others_triggers(OwnTable const &own, Relation relation, TriggerDesc *triggers,
						   std::span<char const *const> given);

/// The sequence that gives the ids of a table of the extension's; InvalidOid where that is not the extension's own, or rows may not bring ids of
/// their own where they are to be `brought`.
enum class Ids : unsigned char { given, brought };
Oid own_id_sequence(Oid table, Ids ids);

/// True where an expression calls nothing but PostgreSQL's own functions, which change nothing.
bool is_harmless(Node *expression);

} // namespace vero::pg
