// Stores a single row of one of the extension's tables without a statement, where nothing is to happen to it but that it is stored.
#include "pg/bulk/plain_row.hpp"

#include "pg/bulk/each_index.hpp"
#include "pg/bulk/index_spool.hpp"
#include "pg/bulk/kept_indexes.hpp"
#include "pg/bulk/table_writer.hpp"

extern "C" {
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "executor/executor.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

using Attributes = std::array<AttrNumber, RowForm::kMost>;

constinit Remembered<bool> harmless_indexes;
constinit Remembered<Attributes> attributes;

/// Every index is one that INSERT looks after at once, and runs no code but PostgreSQL's own.
bool has_harmless_indexes(Relation table)
{
	bool all = true;
	each_index(table, [&](Relation index) {
		Form_pg_index form = index->rd_index;
		all = all && form->indimmediate && !form->indisexclusion && is_harmless_index(index);
	});
	return all;
}

/// But those of foreign keys: the key is not updated.
bool has_update_triggers(Relation table)
{
	TriggerDesc const *triggers = table->trigdesc;
	for (int i = 0; triggers != nullptr && i < triggers->numtriggers; i++) {
		Trigger const &trigger = triggers->triggers[i];
		if (TRIGGER_FOR_UPDATE(trigger.tgtype) && !trigger.tgisinternal)
			return true;
	}
	return false;
}

bool is_plain(RowForm const &form, Relation table, Oid owner)
{
	Oid relation = RelationGetRelid(table);
	return (!form.stands_for_update || !has_update_triggers(table)) &&
		   is_plain_table({form.own, relation, form.given, 0, owner}, table) &&
		   harmless_indexes.of(relation, [table] { return has_harmless_indexes(table); });
}

Attributes find_attributes(RowForm const &form, Oid table)
{
	Attributes numbers{};
	std::size_t count = 0;
	for (std::span<char const *const> columns : {form.given, form.defaulted}) {
		for (char const *column : columns)
			numbers.at(count++) = get_attnum(table, column);
	}
	return numbers;
}

void fill(TupleTableSlot *slot, Attributes const &numbers, std::span<Parameter const> values)
{
	ExecClearTuple(slot);
	std::fill_n(slot->tts_isnull, slot->tts_tupleDescriptor->natts, true);
	for (std::size_t i = 0; i < values.size(); i++) {
		slot->tts_values[numbers[i] - 1] = values[i].value;
		slot->tts_isnull[numbers[i] - 1] = values[i].is_null;
	}
	ExecStoreVirtualTuple(slot);
}

void insert(Relation table, Attributes const &numbers, std::span<Parameter const> values)
{
	KeptIndexes const &indexes = KeptIndexes::of(table);
	TupleTableSlot *slot = indexes.slot();
	fill(slot, numbers, values);
	table_tuple_insert(table, slot, GetCurrentCommandId(true), 0, nullptr);
	indexes.add(table);
	ExecClearTuple(slot);
	CommandCounterIncrement();
}

} // namespace

bool takes_plain_rows(RowForm const &form, Oid table, Oid owner)
{
	Relation relation = table_open(table, RowExclusiveLock);
	bool takes = is_plain(form, relation, owner);
	table_close(relation, NoLock);
	return takes;
}

bool insert_plain_row(RowForm const &form, Oid table, Oid owner, std::span<Parameter const> values)
{
	Relation relation = table_open(table, RowExclusiveLock);
	bool takes = is_plain(form, relation, owner);
	if (takes)
		insert(relation, attributes.of(table, [&] { return find_attributes(form, table); }), values);
	table_close(relation, NoLock);
	return takes;
}

} // namespace vero::pg
