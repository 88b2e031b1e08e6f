// The rejected records of an import: kept in vero.rejected_rows, and given back as the CSV that they were, byte for byte.
#pragma once

#include "core/csv/utf16.hpp"
#include "core/intake/batch.hpp"
#include "pg/bulk/table_writer.hpp"
#include "pg/sql/catalog.hpp"

namespace vero::pg {

/// Writes rejects. The table is not even opened where there are none.
class RejectWriter {
public:
	/// True where no statement runs, and with it no code but the extension's own. To be called in call().
	static bool runs_no_statement(Catalog const &catalog);

	/// `utf16`: what the bytes of a record that is no text were before they were read as UTF-8.
	RejectWriter(Catalog const &catalog, std::int64_t import_id, std::optional<ByteOrder> utf16);

	/// Throws Error.
	void write(Batch &batch);
	/// To be called once, after the last write(). Throws Error.
	void finish()
	{
		if (writer_ != nullptr)
			writer_->finish();
	}

private:
	void open();
	Datum raw_datum(Reject &reject) const;
	void add_row(Reject &reject);

	Catalog catalog_;
	std::unique_ptr<TableWriter> writer_;
	Datum import_id_;
	std::optional<ByteOrder> utf16_;
	Rows rows_;
	MemoryContext memory_ = nullptr; ///< emptied for each write
};

// These give them back, the file's header and each record. They read as the calling role, under its row security, and return how many
// records they wrote. They throw Report (22023) where there is no such import to be seen, Error (42501) where files or programs are not
// allowed.

std::uint64_t export_rejects_to_client(std::int64_t import_id);
/// `path` is absolute.
std::uint64_t export_rejects_to_file(std::int64_t import_id, char const *path);
std::uint64_t export_rejects_to_program(std::int64_t import_id, char const *command);

/// As bytes in memory. Throws Report (54000) where they are more than a bytea can hold.
std::string export_rejects(std::int64_t import_id);

/// The same for the import that is just being finished in this transaction, as the owner; nothing where it is more than `limit` bytes.
std::optional<std::string> export_own_rejects(Catalog const &catalog, std::int64_t import_id, std::size_t limit);

} // namespace vero::pg
