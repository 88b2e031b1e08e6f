// Writes a batch's events into vero.events.
#include "pg/event_writer.hpp"

#include "pg/varlena.hpp"

extern "C" {
#include "datatype/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr std::array<char const *, 5> kColumns{"contact_id", "name", "occurred_at", "properties", "import_id"};

// The contact is locked, the import is this one, the name and the object are the validator's.
constexpr std::array<char const *, 4> kKeptConstraints{"events_contact", "events_import", "events_name",
													   "events_properties"};

constexpr std::int64_t kEpoch_us = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;

constexpr std::size_t kMaxSpooled =
	800'000; // 26 MB: the more are sorted at once, the fewer index pages are touched twice

} // namespace

EventWriter::EventWriter(Catalog const &catalog, std::int64_t import_id)
	: writer_(open_table_writer({"events", catalog.events, kColumns, kKeptConstraints, "id", kMaxSpooled, InvalidOid})),
	  import_id_(Int64GetDatum(import_id))
{
}

void EventWriter::write(Batch &batch, Contacts const &contacts)
{
	rows_.clear();
	for (Event &event : batch.events) {
		rows_.add(Int64GetDatum(contacts.id(event.contact)));
		rows_.add(as_varlena(event.name));
		rows_.add(Int64GetDatum(event.occurred_at_us - kEpoch_us));
		rows_.add(as_varlena(event.properties));
		rows_.add(import_id_);
	}
	rows_.count = batch.events.size();
	writer_->write(rows_);
}

} // namespace vero::pg
