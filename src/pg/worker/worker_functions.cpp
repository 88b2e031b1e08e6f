// What SQL sees of the workers.
#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/slots/worker_slots.hpp"
#include "pg/sql/spi.hpp"

extern "C" {
#include "funcapi.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
}

namespace vero::pg {
namespace {

/// A copy, taken while nobody changes them.
std::vector<WorkerSlot> copy_slots()
{
	std::vector<WorkerSlot> copies;
	copies.reserve(kMaxSlots);
	SlotsGuard guard;
	for (WorkerSlot const &slot : guard.slots()) {
		if (OidIsValid(slot.database))
			copies.push_back(slot);
	}
	return copies;
}

void put_row(ReturnSetInfo *result, WorkerSlot const &slot)
{
	bool is_running = slot.pid != 0, has_failed = slot.failed_at != DT_NOBEGIN;
	Datum values[] = {ObjectIdGetDatum(slot.database),		Int32GetDatum(slot.pid),
					  TimestampTzGetDatum(slot.started_at), TimestampTzGetDatum(slot.next_due),
					  Int64GetDatum(slot.jobs_decided),		Int64GetDatum(slot.messages_sent),
					  text_datum(slot.last_error),			TimestampTzGetDatum(slot.failed_at)};
	bool nulls[] = {false, !is_running, !is_running, slot.next_due == DT_NOEND, false, false, !has_failed, !has_failed};
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

} // namespace
} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_workers)
{
	return enter([&] {
		call([&] { InitMaterializedSRF(fcinfo, 0); });
		if (!has_worker_slots())
			return static_cast<Datum>(0);
		std::vector<WorkerSlot> slots = copy_slots();
		auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
		for (WorkerSlot const &slot : slots)
			call([&] { put_row(result, slot); });
		return static_cast<Datum>(0);
	});
}
