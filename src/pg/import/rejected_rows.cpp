// The rejected records of an import: kept in vero.rejected_rows, and given back as the CSV that they were, byte for byte.
#include "pg/import/rejected_rows.hpp"

#include "core/csv/utf16.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/files/export_sink.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr std::array<char const *, 8> kRejectColumns{"import_id",  "record_number", "line_number", "byte_offset",
													 "raw_record", "raw_bytes",		"reason",	   "errors"};

constexpr std::size_t kMaxSpooled = 10'000; // they come in the index's order

// Another thread has written them: what is asked for so early is there when it is needed.
constexpr std::size_t kRejectsAhead = 8;

constexpr long kRowsAtOnce = 1000;

// These run as who exports, or as the owner.
constexpr Statement kImport{
	R"(
	SELECT i.header, i.dialect OPERATOR(pg_catalog.->>) 'encoding' AS encoding,
		i.dialect OPERATOR(pg_catalog.->>) 'byte_order_mark' AS byte_order_mark
	FROM vero.imports AS i
	WHERE i.id OPERATOR(pg_catalog.=) $1)",
	{INT8OID},
	{{"header", TEXTOID}, {"encoding", TEXTOID}, {"byte_order_mark", TEXTOID}}};
constexpr Statement kRejects{
	R"(
	SELECT r.raw_record, r.raw_bytes
	FROM vero.rejected_rows AS r
	WHERE r.import_id OPERATOR(pg_catalog.=) $1 AND r.resolved_by IS NULL AND (r.raw_record OPERATOR(pg_catalog.<>) '') IS NOT FALSE
	ORDER BY r.record_number)",
	{INT8OID},
	{{"raw_record", TEXTOID}, {"raw_bytes", BYTEAOID}}};

void fetch(Reject const &reject)
{
	for (StoredBytes const &bytes : {reject.raw, reject.reason, reject.stored_errors})
		__builtin_prefetch(bytes.start, 1);
}

TargetTable target(Catalog const &catalog)
{
	return {kOwnRejectedRows, catalog.rejected_rows, kRejectColumns, kMaxSpooled, catalog.owner};
}

/// How the file was written, so that it can be written again.
class Form {
public:
	explicit Form(std::int64_t import_id)
	{
		auto rows = call([&] { return run<kImport>({import_id}); });
		if (rows.count() == 0) {
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "import " + std::to_string(import_id) + " does not exist", "",
						 "vero.imports shows the imports that you may see."};
		}
		header_ = rows[0].optional_string("header");
		std::string encoding = rows[0].string("encoding"), mark = rows[0].string("byte_order_mark");
		std::string const &form = mark == "none" ? encoding : mark;
		for (ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
			if (form == utf16_encoding(order))
				order_ = order;
		}
		if (!order_ && !encoding.empty())
			encoding_ = pg_char_to_encoding(encoding.c_str());
		beginning_ = mark.empty() || mark == "none" ? "" : order_ ? encode_utf16("\uFEFF", *order_) : "\uFEFF";
		line_end_ = order_ ? encode_utf16("\n", *order_) : "\n";
	}

	std::string beginning() const { return header_ ? beginning_ + encode(*header_) + line_end_ : beginning_; }
	std::string const &line_end() const { return line_end_; }

	/// UTF-8 in the file's own encoding.
	std::string encode(std::string_view text) const
	{
		if (order_)
			return encode_utf16(text, *order_);
		if (encoding_ == PG_UTF8)
			return std::string(text);
		std::string copy(text); // ended by NUL, as the conversion wants it
		auto *source = reinterpret_cast<unsigned char *>(copy.data());
		int size = static_cast<int>(copy.size()), encoding = encoding_;
		auto *encoded = call([=] { return pg_do_encoding_conversion(source, size, PG_UTF8, encoding); });
		std::string result(reinterpret_cast<char *>(encoded));
		if (encoded != source)
			pfree(encoded);
		return result;
	}

private:
	std::optional<std::string> header_; ///< none: the file had none
	std::optional<ByteOrder> order_;	///< of UTF-16
	int encoding_ = PG_UTF8;
	std::string beginning_;
	std::string line_end_;
};

std::uint64_t write_rejects(std::int64_t import_id, ExportSink &sink)
{
	SpiConnection spi;
	Form form(import_id);
	sink.begin();
	sink.write(form.beginning());
	Prepared prepared;
	Cursor<kRejects> rejects =
		call([&] { return Cursor<kRejects>(prepared, {import_id}, CursorSees::what_the_caller_does); });
	MemoryContext memory =
		call([] { return AllocSetContextCreate(CurrentMemoryContext, "vero_events export", ALLOCSET_DEFAULT_SIZES); });
	std::uint64_t written = 0;
	while (!sink.is_full()) {
		auto rows = call([&] { return rejects.fetch(kRowsAtOnce); });
		if (rows.count() == 0)
			break;
		for (std::size_t i = 0; i < rows.count() && !sink.is_full(); i++) {
			std::optional<std::string_view> text, bytes;
			call([&] {
				MemoryContextReset(memory);
				MemoryContext before = MemoryContextSwitchTo(memory);
				text = rows[i].text("raw_record");
				bytes = rows[i].bytes("raw_bytes");
				MemoryContextSwitchTo(before);
			});
			sink.write((text ? form.encode(*text) : std::string(bytes.value_or(""))) + form.line_end());
		}
		written += rows.count();
		call([&] { rows.free(); });
	}
	call([&] { rejects.close(); });
	sink.finish();
	return written;
}

} // namespace

bool RejectWriter::runs_no_statement(Catalog const &catalog)
{
	return takes_rows_in_bulk(target(catalog));
}

RejectWriter::RejectWriter(Catalog const &catalog, std::int64_t import_id, std::optional<ByteOrder> utf16)
	: catalog_(catalog), import_id_(Int64GetDatum(import_id)), utf16_(utf16)
{
}

void RejectWriter::open()
{
	writer_ = open_table_writer(target(catalog_));
	memory_ =
		call([] { return AllocSetContextCreate(CurrentMemoryContext, "vero_events rejects", ALLOCSET_DEFAULT_SIZES); });
}

/// The record's own bytes, as text or as bytes.
Datum RejectWriter::raw_datum(Reject &reject) const
{
	if (reject.is_text || !utf16_)
		return as_varlena(reject.raw);
	std::string original = encode_utf16(reject.raw.view(), *utf16_);
	return call([&] { return text_datum(original); });
}

void RejectWriter::add_row(Reject &reject)
{
	Datum const raw = raw_datum(reject);
	// in the order of kRejectColumns
	std::array<Datum, kRejectColumns.size()> const values{
		import_id_,
		Int64GetDatum(static_cast<std::int64_t>(reject.record_number)),
		Int64GetDatum(static_cast<std::int64_t>(reject.line_number)),
		Int64GetDatum(static_cast<std::int64_t>(reject.byte_offset)),
		reject.is_text ? raw : 0,
		reject.is_text ? 0 : raw,
		as_varlena(reject.reason),
		as_varlena(reject.stored_errors)};
	char const no_text = reject.is_text ? ' ' : 'n', no_bytes = reject.is_text ? 'n' : ' ';
	std::array<char, kRejectColumns.size()> const nulls{' ', ' ', ' ', ' ', no_text, no_bytes, ' ', ' '};
	rows_.add(values, nulls);
}

void RejectWriter::write(Batch &batch)
{
	if (batch.rejects.empty())
		return;
	if (writer_ == nullptr)
		open();
	MemoryContext before = MemoryContextSwitchTo(memory_);
	rows_.clear();
	for (std::size_t i = 0; i < batch.rejects.size(); i++) {
		if (i + kRejectsAhead < batch.rejects.size())
			fetch(batch.rejects[i + kRejectsAhead]);
		add_row(batch.rejects[i]);
	}
	writer_->write(rows_);
	MemoryContextSwitchTo(before);
	MemoryContextReset(memory_);
}

std::uint64_t export_rejects_to_client(std::int64_t import_id)
{
	ClientSink sink;
	return write_rejects(import_id, sink);
}

std::uint64_t export_rejects_to_file(std::int64_t import_id, char const *path)
{
	FileSink sink(path);
	return write_rejects(import_id, sink);
}

std::uint64_t export_rejects_to_program(std::int64_t import_id, char const *command)
{
	ProgramSink sink(command);
	return write_rejects(import_id, sink);
}

std::string export_rejects(std::int64_t import_id)
{
	MemorySink sink(kMaxStoredSize);
	write_rejects(import_id, sink);
	if (sink.is_full()) {
		throw Report{ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 "the rejected records of import " + std::to_string(import_id) +
						 " are more than what one value can hold (1 GB)",
					 "", "COPY vero.rejected_rows TO writes as many as there are."};
	}
	return sink.take();
}

std::optional<std::string> export_own_rejects(Catalog const &catalog, std::int64_t import_id, std::size_t limit)
{
	// an ERROR that passes undoes both, as it ends the (sub)transaction
	UserSwitch caller = call([&] {
		CommandCounterIncrement();
		PushActiveSnapshot(GetTransactionSnapshot());
		return UserSwitch::become(catalog.owner);
	});
	MemorySink sink(limit);
	write_rejects(import_id, sink);
	call([&] {
		caller.undo();
		PopActiveSnapshot();
	});
	return sink.is_full() ? std::nullopt : std::optional(sink.take());
}

} // namespace vero::pg
