// How far an import has come, as pg_stat_progress_copy shows it.
#include "pg/input/progress.hpp"

extern "C" {
#include "commands/progress.h"
#include "utils/backend_progress.h"
}

namespace vero::pg {
namespace {

// The view reads them by their numbers, which count from 1: param1 to param4.
static_assert(PROGRESS_COPY_BYTES_PROCESSED == 0 && PROGRESS_COPY_BYTES_TOTAL == 1 &&
			  PROGRESS_COPY_TUPLES_PROCESSED == 2 && PROGRESS_COPY_TUPLES_EXCLUDED == 3);
// A parameter that COPY has no use for tells imports from other COPYs into the same table: vero.import_progress reads it.
constexpr int kImportIdParameter = 19;

} // namespace

Progress::Progress(Oid table, Source const &source, std::int64_t import_id)
	: table_(table), source_(source), import_id_(import_id)
{
	start();
}

void Progress::start() const
{
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, table_);
	constexpr std::array kParameters{PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE, PROGRESS_COPY_BYTES_TOTAL,
									 kImportIdParameter};
	std::array<int64, 4> values{PROGRESS_COPY_COMMAND_FROM, source_.progress_type(), static_cast<int64>(source_.size()),
								import_id_};
	pgstat_progress_update_multi_param(static_cast<int>(kParameters.size()), kParameters.data(), values.data());
}

Progress::~Progress()
{
	pgstat_progress_end_command();
}

void Progress::go_on(std::uint64_t bytes, std::int64_t imported, std::int64_t rejected) const
{
	start();
	note_bytes(bytes);
	note_rows(imported, rejected);
}

void Progress::note_rows(std::int64_t imported, std::int64_t rejected)
{
	pgstat_progress_update_param(PROGRESS_COPY_TUPLES_PROCESSED, imported);
	pgstat_progress_update_param(PROGRESS_COPY_TUPLES_EXCLUDED, rejected);
}

void Progress::note_bytes(std::uint64_t bytes)
{
	pgstat_progress_update_param(PROGRESS_COPY_BYTES_PROCESSED, static_cast<int64>(bytes));
}

} // namespace vero::pg
