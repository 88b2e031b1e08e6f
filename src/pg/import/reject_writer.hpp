// Writes a batch's rejects into vero.rejected_rows.
#pragma once

#include "core/csv/file_format.hpp"
#include "core/intake/batch.hpp"
#include "pg/bulk/table_writer.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

class RejectWriter {
public:
	/// `mark` says what the bytes of a record that is no text were before they were read as UTF-8.
	RejectWriter(Catalog const &catalog, std::int64_t import_id, ByteOrderMark mark);

	/// Throws Error.
	void write(Batch &batch);
	/// To be called once, after the last write(). Throws Error.
	void finish() { writer_->finish(); }

private:
	Datum raw_datum(Reject &reject) const;
	void add_row(Reject &reject);

	std::unique_ptr<TableWriter> writer_;
	Datum import_id_;
	ByteOrderMark mark_;
	Rows rows_;
	MemoryContext memory_; ///< emptied for each write
};

} // namespace vero::pg
