// Writes rows straight into a heap table, as COPY does.
#include "pg/bulk/heap_table.hpp"

#include "pg/base/boundary.hpp"

#include <numeric>

namespace vero::pg {
namespace {

class HeapWriter : public TableWriter {
public:
	HeapWriter(TargetTable const &table, Relation relation, bool has_spoolable_indexes);
	~HeapWriter() override = default;
	std::size_t write(Rows const &rows) override;
	void limit_spooled(std::size_t entries) override { max_spooled_ = entries; }
	void flush() override { table_.flush(); }
	void finish() override;

private:
	HeapTable table_;
	HeapBuffers buffers_;
	std::size_t max_spooled_;
	std::vector<std::uint32_t> all_; ///< rows: 0, 1, 2 ...
};

HeapWriter::HeapWriter(TargetTable const &table, Relation relation, bool has_spoolable_indexes)
	: table_(relation, table.columns, has_spoolable_indexes), max_spooled_(table.max_spooled)
{
	call([&] { buffers_.open(relation); });
	for (IndexSpool &spool : table_.spools())
		spool.expect(max_spooled_);
}

std::size_t HeapWriter::write(Rows const &rows)
{
	if (all_.size() < rows.count) {
		all_.resize(rows.count);
		std::iota(all_.begin(), all_.end(), 0);
	}
	table_.insert(rows, std::span(all_).first(rows.count), buffers_);
	HeapTable *const table = &table_;
	make_room({&table, 1}, max_spooled_);
	return rows.count;
}

void HeapWriter::finish()
{
	table_.flush();
	call([this] {
		table_.close();
		buffers_.close();
	});
}

} // namespace

std::unique_ptr<TableWriter> open_heap_writer(TargetTable const &table, Relation relation, bool has_spoolable_indexes)
{
	return std::make_unique<HeapWriter>(table, relation, has_spoolable_indexes);
}

} // namespace vero::pg
