// Every setting of the extension.
#include "pg/settings.hpp"

#include "pg/postgres.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {

int max_record_size = 1024 * 1024;

void define_settings()
{
	DefineCustomIntVariable(
		"vero_events.max_record_size", "Longest record of a CSV file that is imported.",
		"A longer line is rejected, and a quote that is not closed within this size costs one line.", &max_record_size,
		max_record_size, 1024, 64 * 1024 * 1024, PGC_USERSET, GUC_UNIT_BYTE, nullptr, nullptr, nullptr);
	MarkGUCPrefixReserved("vero_events");
}

} // namespace vero::pg
