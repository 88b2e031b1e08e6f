// Gives the rejected records of an import back as the CSV that they were: the file's header and each record, byte for byte.
#include "pg/import/reject_export.hpp"

#include "core/csv/file_format.hpp"
#include "core/csv/utf16.hpp"
#include "core/intake/batch.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/spi.hpp"
#include "pg/files/export_sink.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
}

namespace vero::pg {
namespace {

constexpr long kRowsAtOnce = 1000;

constexpr char const *kImport = "SELECT i.header, i.dialect OPERATOR(pg_catalog.->>) 'encoding', i.dialect "
								"OPERATOR(pg_catalog.->>) 'byte_order_mark'"
								" FROM vero.imports AS i WHERE i.id OPERATOR(pg_catalog.=) $1";
constexpr char const *kRejects = "SELECT r.raw_record, r.raw_bytes FROM vero.rejected_rows AS r"
								 " WHERE r.import_id OPERATOR(pg_catalog.=) $1 ORDER BY r.record_number";
constexpr std::array<Oid, 1> kTypes{INT8OID};

/// How the file was written, so that it can be written again.
class Form {
public:
	explicit Form(std::int64_t import_id)
	{
		std::optional<std::string_view> header, encoding, mark;
		bool is_found = call([&] {
			Datum id = Int64GetDatum(import_id);
			execute_statement(prepare_statement(kImport, kTypes), &id, nullptr, SPI_OK_SELECT);
			if (SPI_processed == 0)
				return false;
			header = text_value(SPI_tuptable, 0, 1);
			encoding = text_value(SPI_tuptable, 0, 2);
			mark = text_value(SPI_tuptable, 0, 3);
			return true;
		});
		if (!is_found)
			throw Report{ERRCODE_INVALID_PARAMETER_VALUE, "import " + std::to_string(import_id) + " does not exist", "",
						 "vero.imports shows the imports that you may see."};
		if (header)
			header_ = *header;
		if (mark == "UTF-16LE" || mark == "UTF-16BE")
			order_ = mark == "UTF-16LE" ? ByteOrder::little : ByteOrder::big;
		else if (encoding)
			encoding_ = pg_char_to_encoding(std::string(*encoding).c_str());
		beginning_ = order_ ? encode_utf16("\uFEFF", *order_) : mark == "UTF-8" ? "\uFEFF" : "";
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
	Portal portal = call([&] {
		Datum id = Int64GetDatum(import_id);
		return open_cursor(prepare_statement(kRejects, kTypes), &id);
	});
	MemoryContext memory =
		call([] { return AllocSetContextCreate(CurrentMemoryContext, "vero_events export", ALLOCSET_DEFAULT_SIZES); });
	std::uint64_t written = 0;
	while (!sink.is_full()) {
		std::uint64_t count = call([portal] { return fetch_rows(portal, kRowsAtOnce); });
		if (count == 0)
			break;
		for (std::uint64_t row = 0; row < count && !sink.is_full(); row++) {
			std::optional<std::string_view> text, bytes;
			call([&] {
				MemoryContextReset(memory);
				MemoryContext before = MemoryContextSwitchTo(memory);
				text = text_value(SPI_tuptable, row, 1);
				bytes = bytes_value(SPI_tuptable, row, 2);
				MemoryContextSwitchTo(before);
			});
			sink.write((text ? form.encode(*text) : std::string(bytes.value_or(""))) + form.line_end());
		}
		written += count;
		call([] { SPI_freetuptable(SPI_tuptable); });
	}
	call([portal] { SPI_cursor_close(portal); });
	sink.finish();
	return written;
}

} // namespace

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
	if (sink.is_full())
		throw Report{ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					 "the rejected records of import " + std::to_string(import_id) +
						 " are more than what one value can hold (1 GB)",
					 "", "COPY vero.rejected_rows TO writes as many as there are."};
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
