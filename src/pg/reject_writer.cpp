// Writes a batch's rejects into vero.rejected_rows.
#include "pg/reject_writer.hpp"

#include "core/utf16.hpp"
#include "pg/boundary.hpp"
#include "pg/varlena.hpp"

extern "C" {
#include "utils/builtins.h"
}

namespace vero::pg {
namespace {

constexpr std::array<char const *, 8> kColumns{"import_id",	 "record_number", "line_number", "byte_offset",
											   "raw_record", "raw_bytes",	  "reason",		 "errors"};

constexpr std::array<char const *, 2> kKeptConstraints{"rejected_rows_import", "rejected_rows_raw"};

constexpr std::size_t kMaxSpooled = 10'000; // they come in the index's order

Datum text_datum(std::string_view text)
{
	return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
}

} // namespace

RejectWriter::RejectWriter(Catalog const &catalog, std::int64_t import_id, ByteOrderMark mark)
	: writer_(open_table_writer(
		  {"rejected_rows", catalog.rejected_rows, kColumns, kKeptConstraints, nullptr, kMaxSpooled, catalog.owner})),
	  import_id_(Int64GetDatum(import_id)), mark_(mark), memory_(call([] {
		  return AllocSetContextCreate(CurrentMemoryContext, "vero_events rejects", ALLOCSET_DEFAULT_SIZES);
	  }))
{
}

void RejectWriter::add_row(Reject &reject)
{
	std::string original;
	bool is_utf16 = mark_ == ByteOrderMark::utf16_little_endian || mark_ == ByteOrderMark::utf16_big_endian;
	if (!reject.is_text && is_utf16)
		original = encode_utf16(reject.raw.view(),
								mark_ == ByteOrderMark::utf16_big_endian ? ByteOrder::big : ByteOrder::little);
	rows_.add(import_id_);
	rows_.add(Int64GetDatum(static_cast<std::int64_t>(reject.record_number)));
	rows_.add(Int64GetDatum(static_cast<std::int64_t>(reject.line_number)));
	rows_.add(Int64GetDatum(static_cast<std::int64_t>(reject.byte_offset)));
	Datum raw = is_utf16 && !reject.is_text ? call([&] { return text_datum(original); }) : as_varlena(reject.raw);
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
