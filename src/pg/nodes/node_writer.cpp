// Writes events that Citus distributes over nodes.
#include "pg/nodes/node_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/bulk/entry_runs.hpp"
#include "pg/nodes/row_batch.hpp"
#include "pg/nodes/shards.hpp"
#include "pg/sql/citus_node.hpp"
#include "pg/sql/spread_table.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/table.h"
#include "commands/extension.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kMost = 16 << 20;		  // bytes, uncompressed, in all batches
constexpr std::size_t kMostOfShard = 1 << 20; // Citus makes several copies of what it sends, in hexadecimal digits
constexpr std::size_t kManyRows = 100;		  // fewer are there sooner by INSERT

// Citus calls it on the node that has the shard of the first argument, where the call stands in FROM.
constexpr Statement kPut{
	R"(
	SELECT p.written FROM vero.put_events($1, $2) AS p (written))",
	{INT8OID, BYTEAOID},
	{{"written", INT8OID}}};

class NodeWriter : public TableWriter {
public:
	NodeWriter(TargetTable const &table, std::unique_ptr<TableWriter> by_insert, Oid owner,
			   std::span<std::int32_t const> shards);
	~NodeWriter() override = default;
	std::size_t write(Rows const &rows) override;
	void limit_spooled(std::size_t entries) override { most_ = std::min(kMost, entries * sizeof(IndexEntry)); }
	void flush() override;
	void finish() override;

private:
	struct Batch {
		RowBatch rows;
		std::int64_t key; ///< of one of them
	};

	Batch &batch_of(std::int64_t key);
	bool put(Batch &batch);
	void insert(Batch &batch);

	OwnTable const &own_;
	std::span<char const *const> columns_;
	std::size_t key_;
	std::unique_ptr<TableWriter> by_insert_;
	Oid owner_;
	std::vector<std::int32_t> shards_;			  ///< where they begin
	std::vector<std::unique_ptr<Batch>> batches_; ///< by shard; null: got no row yet
	std::vector<Batch *> used_;					  ///< that have rows
	std::size_t bytes_ = 0;						  ///< of these
	std::size_t count_ = 0;
	std::size_t most_ = kMost;
	MemoryContext memory_; ///< emptied for each batch that is sent
};

NodeWriter::NodeWriter(TargetTable const &table, std::unique_ptr<TableWriter> by_insert, Oid owner,
					   std::span<std::int32_t const> shards)
	: own_(table.own), columns_(table.columns), key_(find_column(table.columns, kEventsDistributedBy)),
	  by_insert_(std::move(by_insert)), owner_(owner), shards_(shards.begin(), shards.end()), batches_(shards.size()),
	  memory_(
		  call([] { return AllocSetContextCreate(CurrentMemoryContext, "vero_events batch", ALLOCSET_DEFAULT_SIZES); }))
{
}

NodeWriter::Batch &NodeWriter::batch_of(std::int64_t key)
{
	auto after = std::upper_bound(shards_.begin(), shards_.end(), shard_hash(key));
	std::size_t shard = std::max<std::ptrdiff_t>(after - shards_.begin(), 1) - 1;
	if (!batches_[shard])
		batches_[shard] = std::make_unique<Batch>(Batch{RowBatch(own_, columns_), key});
	Batch &batch = *batches_[shard];
	if (batch.rows.count() == 0) {
		batch.key = key;
		used_.push_back(&batch);
	}
	return batch;
}

std::size_t NodeWriter::write(Rows const &rows)
{
	for (std::size_t row = 0; row < rows.count; row++) {
		std::size_t start = row * columns_.size();
		Batch &batch = batch_of(DatumGetInt64(rows.values[start + key_]));
		std::size_t before = batch.rows.size();
		batch.rows.add(&rows.values[start], &rows.nulls[start]);
		bytes_ += batch.rows.size() - before;
		count_++;
		if (bytes_ > most_ || batch.rows.size() > kMostOfShard)
			flush();
	}
	return rows.count;
}

/// False where the node does not write them in bulk.
bool NodeWriter::put(Batch &batch)
{
	std::string compressed = batch.rows.compressed();
	std::string_view bytes = compressed;
	std::optional<std::int64_t> written = call([&] {
		MemoryContextReset(memory_);
		MemoryContext before = MemoryContextSwitchTo(memory_);
		auto rows = run<kPut>({batch.key, bytes});
		std::optional<std::int64_t> count = rows.count() == 1 ? rows[0].optional_int8("written") : std::nullopt;
		rows.free();
		MemoryContextSwitchTo(before);
		return count;
	});
	if (written && static_cast<std::size_t>(*written) != batch.rows.count())
		throw Report{ERRCODE_INTERNAL_ERROR, "a node has not written all events that it was given", "", ""};
	return written.has_value();
}

void NodeWriter::insert(Batch &batch)
{
	by_insert_->write(read_row_batch(batch.rows.compressed(), own_).rows);
}

void NodeWriter::flush()
{
	bool are_many = count_ >= kManyRows;
	std::vector<Batch *> refused;
	if (are_many) {
		UserSwitch caller = call([&] {
			UserSwitch switched = UserSwitch::become(owner_);
			set_key_checks(KeyChecks::are_off);
			return switched;
		});
		for (Batch *batch : used_) {
			if (!put(*batch))
				refused.push_back(batch);
		}
		call([&] {
			set_key_checks(KeyChecks::are_on);
			caller.undo();
		});
	} else {
		refused = used_;
	}
	for (Batch *batch : refused)
		insert(*batch);
	for (Batch *batch : used_)
		batch->rows.clear();
	used_.clear();
	bytes_ = 0;
	count_ = 0;
}

void NodeWriter::finish()
{
	flush();
	by_insert_->finish();
	call([this] { MemoryContextDelete(memory_); });
}

} // namespace

std::unique_ptr<TableWriter> open_node_writer(TargetTable const &table)
{
	std::unique_ptr<TableWriter> by_insert = open_table_writer(table);
	Oid owner = InvalidOid;
	std::span<std::int32_t const> shards = call([&] {
		Relation relation = table_open(table.relation, NoLock);
		owner = relation->rd_rel->relowner;
		bool is_plain = is_plain_elsewhere(table, relation) && is_of_citus(table.relation) &&
						OidIsValid(get_extension_oid("citus", true)) && may_leave_out_key_checks(owner);
		table_close(relation, NoLock);
		if (!is_plain)
			return std::span<std::int32_t const>();
		UserSwitch caller = UserSwitch::become(owner);
		std::span<std::int32_t const> found = find_shards(table.relation, kEventsDistributedBy);
		caller.undo();
		return found;
	});
	if (shards.empty())
		return by_insert;
	return std::make_unique<NodeWriter>(table, std::move(by_insert), owner, shards);
}

} // namespace vero::pg
