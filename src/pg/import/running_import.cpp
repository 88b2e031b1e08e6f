// What is seen of an import while it runs: the line of CONTEXT that its messages carry, and pg_stat_progress_copy.
#include "pg/import/running_import.hpp"

#include "pg/journal/rollback.hpp"

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

ImportContext::ImportContext(Source const &source)
	: callback_{error_context_stack, describe, this}, name_(source.name())
{
	error_context_stack = &callback_;
}

ImportContext::~ImportContext()
{
	error_context_stack = callback_.previous;
}

void ImportContext::begin_writing(Batch const &batch)
{
	begin_writing_again({batch.first_record, batch.records(), batch.last_line});
}

void ImportContext::begin_writing_again(BatchFile::Place const &place)
{
	first_record_ = place.first_record;
	last_record_ = place.first_record + place.records - 1;
	last_line_ = place.last_line;
}

void ImportContext::end_writing()
{
	first_record_ = last_record_ + 1;
	last_record_ = 0;
}

void ImportContext::describe(void *context)
{
	note_passing_error();
	auto const *import = static_cast<ImportContext const *>(context);
	char const *name = import->name_.c_str();
	if (import->last_record_ > 0) {
		errcontext("import of %s, records " UINT64_FORMAT " to " UINT64_FORMAT " (line " UINT64_FORMAT ")", name,
				   import->first_record_, import->last_record_, import->last_line_);
	} else if (import->last_line_ > 0) {
		errcontext("import of %s, behind record " UINT64_FORMAT ", line " UINT64_FORMAT, name,
				   import->first_record_ - 1, import->last_line_);
	} else {
		errcontext("import of %s", name);
	}
}

Progress::Progress(Oid table, Source const &source, std::int64_t import_id)
{
	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, table);
	constexpr std::array kParameters{PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE, PROGRESS_COPY_BYTES_TOTAL,
									 kImportIdParameter};
	std::array<int64, 4> values{PROGRESS_COPY_COMMAND_FROM, source.progress_type(), static_cast<int64>(source.size()),
								import_id};
	pgstat_progress_update_multi_param(static_cast<int>(kParameters.size()), kParameters.data(), values.data());
}

Progress::~Progress()
{
	pgstat_progress_end_command();
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
