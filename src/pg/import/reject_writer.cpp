// Writes a batch's rejects into vero.rejected_rows.
#include "pg/import/reject_writer.hpp"

#include "core/csv/utf16.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"

namespace vero::pg {
namespace {

constexpr std::array<char const *, 8> kColumns{"import_id",	 "record_number", "line_number", "byte_offset",
											   "raw_record", "raw_bytes",	  "reason",		 "errors"};

constexpr std::size_t kMaxSpooled = 10'000; // they come in the index's order

} // namespace

RejectWriter::RejectWriter(Catalog const &catalog, std::int64_t import_id, ByteOrderMark mark)
	: writer_(open_table_writer({kOwnRejectedRows, catalog.rejected_rows, kColumns, kMaxSpooled, catalog.owner})),
	  import_id_(Int64GetDatum(import_id)), mark_(mark), memory_(call([] {
		  return AllocSetContextCreate(CurrentMemoryContext, "vero_events rejects", ALLOCSET_DEFAULT_SIZES);
	  }))
{
}

/// The record's own bytes, as text or as bytes.
Datum RejectWriter::raw_datum(Reject &reject) const
{
	std::optional<ByteOrder> order = utf16_byte_order(mark_);
	if (reject.is_text || !order)
		return as_varlena(reject.raw);
	std::string original = encode_utf16(reject.raw.view(), *order);
	return call([&] { return text_datum(original); });
}

void RejectWriter::add_row(Reject &reject)
{
	rows_.add(import_id_);
	rows_.add(Int64GetDatum(static_cast<std::int64_t>(reject.record_number)));
	rows_.add(Int64GetDatum(static_cast<std::int64_t>(reject.line_number)));
	rows_.add(Int64GetDatum(static_cast<std::int64_t>(reject.byte_offset)));
	Datum raw = raw_datum(reject);
	if (reject.is_text)
		rows_.add(raw);
	rows_.add_null();
	if (!reject.is_text)
		rows_.add(raw);
	rows_.add(as_varlena(reject.reason));
	rows_.add(as_varlena(reject.stored_errors));
}

void RejectWriter::write(Batch &batch)
{
	MemoryContext before = MemoryContextSwitchTo(memory_);
	rows_.clear();
	for (Reject &reject : batch.rejects)
		add_row(reject);
	rows_.count = batch.rejects.size();
	writer_->write(rows_);
	MemoryContextSwitchTo(before);
	MemoryContextReset(memory_);
}

} // namespace vero::pg
