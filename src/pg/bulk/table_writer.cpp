// Decides how rows can be written into a table.
#include "pg/bulk/table_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/bulk/each_index.hpp"
#include "pg/bulk/index_spool.hpp"
#include "pg/bulk/other_indexes.hpp"
#include "pg/bulk/partition_service.hpp"
#include "pg/bulk/routes.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/spread_table.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_inherits.h"
#include "utils/rel.h"
#include "utils/rls.h"
}

namespace vero::pg {
namespace {

constinit Remembered<bool> spread;
constinit Remembered<Served> served_indexes;

Served find_served(Relation table)
{
	Served worst = Served::in_order;
	each_index(table, [&](Relation index) {
		Served served = is_spoolable(table, index)	  ? Served::in_order
						: OtherIndexes::serves(index) ? Served::row_by_row
													  : Served::by_nobody;
		worst = std::min(worst, served);
	});
	return worst;
}

} // namespace

namespace {

bool is_heap_only(Relation heap)
{
	Form_pg_class form = heap->rd_rel;
	return form->relkind == RELKIND_RELATION && form->relam == HEAP_TABLE_AM_OID && !form->relhassubclass &&
		   heap->rd_rules == nullptr;
}

/// As far as one that comes through the table that it is a partition of is asked.
bool is_plain_heap(TargetTable const &table, Relation heap)
{
	return is_heap_only(heap) && is_as_made(table.own, heap, table.columns);
}

bool has_policies(TargetTable const &table)
{
	return check_enable_rls(table.relation, table.run_as, true) == RLS_ENABLED;
}

bool is_kept_elsewhere(TargetTable const &table, Relation relation)
{
	return spread.of(table.relation, [relation] { return is_spread(relation); });
}

/// Rows that are written into `table` itself are written into it: it is nobody's partition, nor elsewhere.
bool is_by_itself(TargetTable const &table, Relation relation)
{
	return !relation->rd_rel->relispartition && !has_policies(table) && !is_kept_elsewhere(table, relation);
}

/// Those of others that fire once rows are in; nothing where the table is otherwise than it was made, or one fires before.
std::optional<OthersTriggers> find_triggers(TargetTable const &table, Relation relation)
{
	Likeness likeness = compare_as_made(table.own, relation, table.columns);
	bool is_fit = likeness.has_own_shape && likeness.triggers != OthersTriggers::before_rows;
	return is_fit ? std::optional(likeness.triggers) : std::nullopt;
}

/// Rows go to its partitions, and nothing happens to them before.
bool is_routed(TargetTable const &table, Relation relation)
{
	return table.partitioned_by != nullptr && has_routes(relation, table.partitioned_by) &&
		   relation->rd_rules == nullptr && find_triggers(table, relation) != std::nullopt;
}

/// Of a table that is_routed().
bool has_others_triggers(TargetTable const &table, Relation relation)
{
	return !is_as_made(table.own, relation, table.columns);
}

bool is_plain_parent(TargetTable const &table, Relation relation)
{
	return is_routed(table, relation) && is_by_itself(table, relation);
}

bool is_plain_leaf(TargetTable const &table, Oid leaf)
{
	Relation relation = table_open(leaf, NoLock);
	bool is_plain = is_plain_heap(table, relation) && find_served(relation) != Served::by_nobody;
	table_close(relation, NoLock);
	return is_plain;
}

/// By nobody where the table is not plain.
Served find_own_service(TargetTable const &table, Relation relation)
{
	return is_plain_table(table, relation)
			   ? served_indexes.of(table.relation, [relation] { return find_served(relation); })
			   : Served::by_nobody;
}

} // namespace

std::size_t find_column(std::span<char const *const> columns, char const *name)
{
	auto place =
		std::find_if(columns.begin(), columns.end(), [name](char const *column) { return strcmp(column, name) == 0; });
	return static_cast<std::size_t>(place - columns.begin());
}

bool is_plain_elsewhere(TargetTable const &table, Relation relation)
{
	if (!is_routed(table, relation) || has_others_triggers(table, relation) || !is_kept_elsewhere(table, relation) ||
		has_policies(table))
		return false;
	List *leaves = list_delete_first(find_all_inheritors(table.relation, RowExclusiveLock, nullptr));
	bool are_plain = true;
	for (int i = 0; i < list_length(leaves) && are_plain; i++)
		are_plain = is_plain_leaf(table, list_nth_oid(leaves, i));
	return are_plain;
}

bool is_plain_table(TargetTable const &table, Relation relation)
{
	return is_by_itself(table, relation) && is_plain_heap(table, relation);
}

PartitionService find_service(TargetTable const &table, Relation heap)
{
	std::optional<OthersTriggers> triggers = is_heap_only(heap) ? find_triggers(table, heap) : std::nullopt;
	bool is_served = triggers && !is_spread(heap);
	return {is_served ? find_served(heap) : Served::by_nobody, is_served && *triggers != OthersTriggers::none};
}

bool takes_rows_in_bulk(TargetTable const &table)
{
	Relation relation = table_open(table.relation, RowExclusiveLock);
	bool takes = is_plain_parent(table, relation)
					 ? !has_others_triggers(table, relation) && all_partitions_take(table, relation)
					 : find_own_service(table, relation) != Served::by_nobody;
	table_close(relation, NoLock);
	return takes;
}

std::unique_ptr<TableWriter> open_table_writer(TargetTable const &table)
{
	enum class Way : unsigned char { by_sql, heap, partitions } way = Way::by_sql;
	Served served = Served::by_nobody;
	TargetTable by_statement = table;
	bool has_triggers = false;
	Relation relation = call([&] {
		Relation opened = table_open(table.relation, RowExclusiveLock);
		served = find_own_service(table, opened);
		way = served != Served::by_nobody ? Way::heap : is_plain_parent(table, opened) ? Way::partitions : Way::by_sql;
		if (way == Way::by_sql && is_plain_elsewhere(table, opened))
			by_statement.run_as = opened->rd_rel->relowner;
		has_triggers = way == Way::partitions && has_others_triggers(table, opened);
		return opened;
	});
	switch (way) {
	case Way::heap:
		return open_heap_writer(table, relation, served == Served::in_order);
	case Way::partitions:
		return open_partition_writer(table, relation, has_triggers);
	case Way::by_sql:
		break;
	}
	return open_sql_writer(by_statement, relation);
}

} // namespace vero::pg
