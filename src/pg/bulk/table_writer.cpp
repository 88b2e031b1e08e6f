// Decides how rows can be written into a table.
#include "pg/bulk/table_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/bulk/each_index.hpp"
#include "pg/bulk/index_spool.hpp"
#include "pg/bulk/other_indexes.hpp"
#include "pg/bulk/spread_table.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "utils/rel.h"
#include "utils/rls.h"
}

namespace vero::pg {
namespace {

/// Who can serve all indexes of a table.
enum class Served : unsigned char { by_nobody, row_by_row, in_order };

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

/// By nobody where the table is not plain.
Served find_service(TargetTable const &table, Relation relation)
{
	return is_plain_table(table, relation)
			   ? served_indexes.of(table.relation, [relation] { return find_served(relation); })
			   : Served::by_nobody;
}

} // namespace

bool takes_rows_in_bulk(TargetTable const &table)
{
	Relation relation = table_open(table.relation, RowExclusiveLock);
	bool takes = find_service(table, relation) != Served::by_nobody;
	table_close(relation, NoLock);
	return takes;
}

std::unique_ptr<TableWriter> open_table_writer(TargetTable const &table)
{
	Served served = Served::by_nobody;
	Relation relation = call([&] {
		Relation opened = table_open(table.relation, RowExclusiveLock);
		served = find_service(table, opened);
		return opened;
	});
	return served == Served::by_nobody ? open_sql_writer(table, relation)
									   : open_heap_writer(table, relation, served == Served::in_order);
}

} // namespace vero::pg
