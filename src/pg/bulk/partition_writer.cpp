// Writes rows straight into the partitions of a table.
#include "pg/bulk/after_triggers.hpp"
#include "pg/bulk/heap_table.hpp"
#include "pg/bulk/partition_service.hpp"
#include "pg/bulk/referenced_rows.hpp"
#include "pg/bulk/routes.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "access/table.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

// What PostgreSQL's caches hold of a partition and its two indexes (measured with 500 of them): it counts like index entries.
constexpr std::size_t kKnownOfPartition = 40 * 1024;

class PartitionWriter : public TableWriter {
public:
	PartitionWriter(TargetTable const &table, Relation relation, bool has_triggers);
	~PartitionWriter() override = default;
	std::size_t write(Rows const &rows) override;
	void limit_spooled(std::size_t entries) override { max_spooled_ = entries; }
	void flush() override;
	void finish() override;

private:
	/// A partition that has got rows.
	struct Partition {
		std::optional<HeapTable> heap;	  ///< none: it takes rows by INSERT only
		std::vector<std::uint32_t> which; ///< rows are for it, of those that are being written
	};

	void route(Rows const &rows);
	void open(int place);
	TableWriter &sql();
	std::size_t insert_by_sql(Rows const &rows, std::span<std::uint32_t const> which);
	std::size_t insert_all_by_sql(Rows const &rows);

	TargetTable table_;
	Relation relation_;
	std::size_t key_; ///< the column that says where a row goes
	Routes routes_;
	std::vector<std::unique_ptr<Partition>> partitions_; ///< by their places; null: got no row yet
	std::vector<int> used_;								 ///< places of those that rows are for
	std::vector<HeapTable *> heaps_;					 ///< that are open
	std::unique_ptr<TableWriter> sql_;					 ///< for rows that go by INSERT; null: none did
	HeapBuffers buffers_;
	AfterTriggers triggers_;
	bool fires_for_statements_; ///< others have triggers on the table
	bool has_triggers_;			///< or on a partition that has got rows
	std::size_t max_spooled_;
};

PartitionWriter::PartitionWriter(TargetTable const &table, Relation relation, bool has_triggers)
	: table_(table), relation_(relation), key_(find_column(table.columns, table.partitioned_by)),
	  triggers_(table, relation), fires_for_statements_(has_triggers), has_triggers_(has_triggers),
	  max_spooled_(table.max_spooled)
{
	call([&] {
		routes_ = find_routes(relation_);
		buffers_.open(relation_);
	});
	partitions_.resize(routes_.count);
}

/// Notes for each partition which of the rows are for it.
void PartitionWriter::route(Rows const &rows)
{
	used_.clear();
	std::size_t columns = table_.columns.size();
	for (std::size_t row = 0; row < rows.count; row++) {
		int place = routes_.find(DatumGetInt64(rows.values[row * columns + key_]));
		if (place == Routes::kNone) {
			throw Report{ERRCODE_CHECK_VIOLATION,
						 std::string("no partition of vero.") + table_.own.name + " takes the row's " +
							 table_.partitioned_by,
						 "", "vero.create_partitions() makes partitions."};
		}
		if (!partitions_[place])
			open(place);
		std::vector<std::uint32_t> &which = partitions_[place]->which;
		if (which.empty())
			used_.push_back(place);
		which.push_back(static_cast<std::uint32_t>(row));
	}
}

void PartitionWriter::open(int place)
{
	partitions_[place] = std::make_unique<Partition>();
	PartitionService service{Served::by_nobody, false};
	Relation relation = call([&] {
		Relation opened = table_open(routes_.partitions[place], RowExclusiveLock);
		service = who_serves_partition(table_, opened);
		if (service.served == Served::by_nobody)
			table_close(opened, NoLock);
		return opened;
	});
	if (service.served == Served::by_nobody)
		return;
	has_triggers_ = has_triggers_ || service.has_others_triggers;
	HeapTable &heap = partitions_[place]->heap.emplace(relation, table_.columns, service.served == Served::in_order);
	for (IndexSpool &spool : heap.spools())
		spool.expect(max_spooled_ / partitions_.size());
	heaps_.push_back(&heap);
}

TableWriter &PartitionWriter::sql()
{
	if (!sql_)
		sql_ = open_sql_writer(table_, call([this] { return table_open(table_.relation, NoLock); }));
	return *sql_;
}

/// They are one statement's, as far as triggers for statements see.
std::size_t PartitionWriter::insert_all_by_sql(Rows const &rows)
{
	for (int place : used_)
		partitions_[place]->which.clear();
	return sql().write(rows);
}

/// They are routed by PostgreSQL, once more.
std::size_t PartitionWriter::insert_by_sql(Rows const &rows, std::span<std::uint32_t const> which)
{
	std::size_t columns = table_.columns.size();
	Rows some;
	for (std::uint32_t row : which) {
		some.add(std::span(rows.values).subspan(row * columns, columns),
				 std::span(rows.nulls).subspan(row * columns, columns));
	}
	return sql().write(some);
}

std::size_t PartitionWriter::write(Rows const &rows)
{
	if (rows.count == 0)
		return 0;
	route(rows);
	if (fires_for_statements_ &&
		std::any_of(used_.begin(), used_.end(), [this](int place) { return !partitions_[place]->heap; }))
		return insert_all_by_sql(rows);
	AfterTriggers *triggers = has_triggers_ ? &triggers_ : nullptr;
	call([&] {
		if (triggers != nullptr)
			triggers->begin();
		if (triggers != nullptr || sql_)
			require_referenced(table_, relation_, rows);
	});
	std::size_t written = 0;
	for (int place : used_) {
		Partition &partition = *partitions_[place];
		if (partition.heap) {
			partition.heap->insert(rows, partition.which, buffers_, triggers);
			written += partition.which.size();
		} else {
			written += insert_by_sql(rows, partition.which);
		}
		partition.which.clear();
	}
	if (triggers != nullptr) {
		flush(); // who looks for the rows by an index finds them
		call([&] { triggers->end(); });
	}
	std::size_t known = heaps_.size() * kKnownOfPartition / sizeof(IndexEntry);
	make_room(heaps_, std::max(max_spooled_ - std::min(known, max_spooled_), max_spooled_ / 4));
	return written;
}

void PartitionWriter::flush()
{
	for (HeapTable *heap : heaps_)
		heap->flush();
}

void PartitionWriter::finish()
{
	flush();
	if (sql_)
		sql_->finish();
	call([this] {
		for (HeapTable *heap : heaps_)
			heap->close();
		buffers_.close();
		table_close(relation_, NoLock);
	});
}

} // namespace

std::unique_ptr<TableWriter> open_partition_writer(TargetTable const &table, Relation relation, bool has_triggers)
{
	return std::make_unique<PartitionWriter>(table, relation, has_triggers);
}

} // namespace vero::pg
