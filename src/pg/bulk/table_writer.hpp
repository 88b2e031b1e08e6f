// Writes rows into a table in bulk: straight into the heap where that is the same, through SQL where it is not.
#pragma once

#include "pg/base/postgres.hpp"
#include "pg/sql/own_objects.hpp"

extern "C" {
#include "access/heapam.h"
#include "executor/spi.h"
#include "nodes/execnodes.h"
}

namespace vero::pg {

/// What a writer has to know about its table.
struct TargetTable {
	/// Its checks, foreign keys and triggers are honoured by the writer's caller, so that nothing needs to look at each row.
	OwnTable const &own;
	Oid relation;
	std::span<char const *const> columns; ///< that rows have a value for, in order, of static duration
	/// Index entries, of 32 bytes, that may be held back in memory at most.
	std::size_t max_spooled;
	Oid run_as; ///< who SQL runs as; InvalidOid: the caller, under the caller's policies
	/// The column, one of `columns`, whose ranges its partitions may have; null: nobody partitions it.
	char const *partitioned_by = nullptr;
};

/// The place of a column among those that rows have; how many there are where it is none of them.
std::size_t find_column(std::span<char const *const> columns, char const *name);

/// Who can serve all indexes of a table: an IndexSpool, or row by row. By nobody: it takes its rows by INSERT.
enum class Served : unsigned char { by_nobody, row_by_row, in_order };

/// Rows column by column within each row: values[row * columns + column].
struct Rows {
	std::size_t count = 0;
	std::vector<Datum> values;
	std::vector<char> nulls; ///< as SPI has it: 'n' or ' '

	void clear()
	{
		count = 0;
		values.clear();
		nulls.clear();
	}
	void add(std::span<Datum const> row, std::span<char const> row_nulls)
	{
		values.insert(values.end(), row.begin(), row.end());
		nulls.insert(nulls.end(), row_nulls.begin(), row_nulls.end());
		count++;
	}
};

/// True where nothing is to happen to a row of `table` but that it is stored: a heap table as it was made, without rules, policies that
/// hold for who writes, children or distribution. Its indexes are another question. To be called in call().
bool is_plain_table(TargetTable const &table, Relation relation);

/// True where Citus or TimescaleDB keeps the rows of `table`, and would run no code but PostgreSQL's and the extension's for them. To be called in call().
bool is_plain_elsewhere(TargetTable const &table, Relation relation);

/// How a partition takes rows of its own.
struct PartitionService {
	Served served;
	bool has_others_triggers; ///< which fire once rows are in, see AfterTriggers
};

/// Who serves a partition of `table`, where nothing is to happen to a row of it before it is stored. To be called in call().
PartitionService find_service(TargetTable const &table, Relation heap);

/// A stage's end: bulk or SQL, decided when it is opened.
class TableWriter {
public:
	virtual ~TableWriter() = default;
	/// Writes the rows, which may be freed afterwards, and says how many of them went in: triggers, rules and policies may keep some
	/// out. Throws Error.
	virtual std::size_t write(Rows const &rows) = 0;
	/// From now on only so many index entries may be held back.
	virtual void limit_spooled(std::size_t) {}
	/// Writes what was held back so far: who looks for rows by an index finds all. Throws Error.
	virtual void flush() {}
	/// Writes what was held back. To be called once, after the last write(). Throws Error.
	virtual void finish() = 0;
};

/// The bulk writer where `table` is a plain heap table on which nothing is to happen row by row, or has such partitions, on which something may happen once rows are in;
/// else one that runs INSERT and so lets triggers, rules, policies, distribution and further indexes have their way: as `run_as` says, but as the table's owner where nothing but distribution
/// has a say, as Citus keeps what one role has written from what another writes until the transaction ends. Needs an SpiConnection.
/// Takes and keeps the lock that INSERT takes.
std::unique_ptr<TableWriter> open_table_writer(TargetTable const &table);

/// True where that is the bulk writer, for all partitions, and runs nobody's triggers. Takes and keeps the lock that INSERT takes. To be called in call().
bool takes_rows_in_bulk(TargetTable const &table);

/// Into the table's only heap, see HeapTable.
std::unique_ptr<TableWriter> open_heap_writer(TargetTable const &table, Relation relation, bool has_spoolable_indexes);

/// Into the heaps of a table that is partitioned by `partitioned_by`, each as a HeapTable; what is for a partition that takes rows by INSERT only goes through the table.
/// Where the time of a row has no partition, its write() throws Report (23514). `has_triggers`: others have some on the table, which fire for each write().
std::unique_ptr<TableWriter> open_partition_writer(TargetTable const &table, Relation relation, bool has_triggers);

/// INSERT INTO table SELECT FROM unnest(...), once for each write().
std::unique_ptr<TableWriter> open_sql_writer(TargetTable const &table, Relation relation);

} // namespace vero::pg
