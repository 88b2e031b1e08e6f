// Writes events into vero.events.
#pragma once

#include "core/intake/batch.hpp"
#include "core/intake/validator.hpp"
#include "pg/bulk/table_writer.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {

/// A single event, its texts as PostgreSQL has them.
struct EventRow {
	std::int64_t contact_id;
	Datum name;
	TimestampTz occurred_at;
	Datum properties;
};

class EventWriter {
public:
	/// True where no statement runs, and with it no code but the extension's own. To be called in call().
	static bool runs_no_statement(Catalog const &catalog);

	/// Those that vero.events has a partition for; none: for all. Throws Error.
	static std::optional<std::vector<TimeRange>> taken_times(Catalog const &catalog);

	/// No `import_id`: events of no import.
	EventWriter(Catalog const &catalog, std::optional<std::int64_t> import_id);

	/// The contacts of all events are resolved: `contact_ids` has them by slot. Throws Error.
	void write(Batch &batch, std::span<std::int64_t const> contact_ids);
	/// So many bytes of the memory that is for index entries are somebody else's.
	void leave(std::size_t bytes);
	/// Writes what is held back: who looks for events by their contacts finds all. Throws Error.
	void flush() { writer_->flush(); }
	/// Its contact is locked. Throws Error.
	void write(EventRow const &event);
	/// The ids of the events of the last write(), in order. Throws Report (0A000) where the table gives its ids itself, or kept events out.
	std::span<std::int64_t const> ids() const;
	/// To be called once, after the last write(). Throws Error.
	void finish() { writer_->finish(); }

private:
	void begin(std::size_t count);
	void add(EventRow const &event);
	void end();

	Oid sequence_; ///< of the column id; InvalidOid where the table gives ids itself
	std::unique_ptr<TableWriter> writer_;
	std::optional<std::int64_t> import_id_;
	Rows rows_;
	std::vector<std::int64_t> ids_;
	bool is_whole_ = true; ///< the last write() kept no event out
};

} // namespace vero::pg
