// The properties of contacts by which jobs are foretold.
#pragma once

#include "pg/campaigns/due_jobs.hpp"
#include "pg/forecast/forecast_job.hpp"
#include "pg/forecast/properties_cache.hpp"

namespace vero::pg {

/// Reads those that are asked for, and keeps the small ones for the jobs to come.
class ForetoldProperties {
public:
	explicit ForetoldProperties(Catalog const &catalog) : catalog_(catalog) {}

	void limit(std::size_t kept_bytes) { cache_.limit(kept_bytes); }
	/// Copies small ones for jobs that come.
	void keep(std::int64_t contact_id, Jsonb const *properties);
	/// Gives `jobs`, one for each of `some`, the properties of their contacts, where these have any and `are_read` says so, until they take much. Says of how
	/// many jobs, from the first one, all are there. Valid as long as the SpiConnection, and until the next call. Throws Error.
	std::size_t fill(std::span<ForecastJob const> some, std::span<DueJob> jobs,
					 std::function<bool(ForecastJob const &)> const &are_read);

private:
	void read_small(std::span<ForecastJob const> some, std::vector<std::size_t> const &places, std::span<DueJob> jobs);

	Catalog catalog_;
	PropertiesCache cache_;
};

} // namespace vero::pg
