// Writes a batch's events into vero.events.
#pragma once

#include "core/batch.hpp"
#include "pg/contacts.hpp"
#include "pg/table_writer.hpp"

namespace vero::pg {

class EventWriter {
public:
	EventWriter(Catalog const &catalog, std::int64_t import_id);

	/// The contacts of all events are resolved. Throws Error.
	void write(Batch &batch, Contacts const &contacts);
	/// To be called once, after the last write(). Throws Error.
	void finish() { writer_->finish(); }

private:
	std::unique_ptr<TableWriter> writer_;
	Datum import_id_;
	Rows rows_;
};

} // namespace vero::pg
