// Imports rejected records that were corrected in their table: vero.retry_rejects().
#pragma once

#include "core/report/import_outcome.hpp"
#include "pg/base/postgres.hpp"

namespace vero::pg {

/// What every retry says for itself; what it leaves open is the import's.
struct RetryOptions {
	bool triggers_campaigns = false;
	bool is_dry_run = false;
	std::optional<std::int64_t> max_jobs;
	std::optional<std::string> on_duplicate;
};

/// Imports those of the import's rejects that have a corrected_record and were not imported since, in its options, as a correction of it, and, but
/// in a dry run, marks those that pass. Others who retry or undo it wait. To be called by who may import. Throws Error, Report: 42501 where the caller has nothing to
/// do with the import, 55000 where there is nothing to retry, 22P04 where a corrected record is not one record, 54000 where they are too many.
ImportOutcome retry_rejects(std::int64_t import, RetryOptions const &wanted);

} // namespace vero::pg
