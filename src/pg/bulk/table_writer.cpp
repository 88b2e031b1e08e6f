// Decides how rows can be written into a table.
#include "pg/bulk/table_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/bulk/index_spool.hpp"
#include "pg/bulk/other_indexes.hpp"
#include "pg/bulk/spread_table.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "utils/rel.h"
#include "utils/rls.h"
}

namespace vero::pg {
namespace {

constinit Remembered<bool> spread, servable_indexes;

bool has_servable_indexes(Relation table)
{
	List *indexes = RelationGetIndexList(table);
	bool all = true;
	ListCell *cell;
	foreach (cell, indexes) {
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);
		all = all && (is_spoolable(table, index) || OtherIndexes::serves(index));
		index_close(index, NoLock);
	}
	list_free(indexes);
	return all;
}

} // namespace

bool is_plain_table(TargetTable const &table, Relation relation)
{
	Form_pg_class form = relation->rd_rel;
	return form->relkind == RELKIND_RELATION && form->relam == HEAP_TABLE_AM_OID && !form->relispartition &&
		   !form->relhassubclass && relation->rd_rules == nullptr &&
		   !spread.of(table.relation, [relation] { return is_spread(relation); }) &&
		   check_enable_rls(table.relation, table.run_as, true) != RLS_ENABLED &&
		   is_as_made(table.own, relation, table.columns);
}

void Rows::clear()
{
	count = 0;
	values.clear();
	nulls.clear();
}

void Rows::add(std::span<Datum const> row, std::span<char const> row_nulls)
{
	values.insert(values.end(), row.begin(), row.end());
	nulls.insert(nulls.end(), row_nulls.begin(), row_nulls.end());
	count++;
}

void Rows::add(Datum value)
{
	values.push_back(value);
	nulls.push_back(' ');
}

void Rows::add_null()
{
	values.push_back(0);
	nulls.push_back('n');
}

namespace {

bool is_bulk_table(TargetTable const &table, Relation relation)
{
	return is_plain_table(table, relation) &&
		   servable_indexes.of(table.relation, [relation] { return has_servable_indexes(relation); });
}

} // namespace

bool takes_rows_in_bulk(TargetTable const &table)
{
	Relation relation = table_open(table.relation, RowExclusiveLock);
	bool takes = is_bulk_table(table, relation);
	table_close(relation, NoLock);
	return takes;
}

std::unique_ptr<TableWriter> open_table_writer(TargetTable const &table)
{
	bool is_plain = false;
	Relation relation = call([&] {
		Relation opened = table_open(table.relation, RowExclusiveLock);
		is_plain = is_bulk_table(table, opened);
		return opened;
	});
	return is_plain ? open_heap_writer(table, relation) : open_sql_writer(table, relation);
}

} // namespace vero::pg
