// Finds the events that were corrected after their jobs were written.
#include "pg/campaigns/due_jobs.hpp"

#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

// An event whose time was corrected is among its contact's. One that was given to another contact is looked for in the pages of the
// table that hold rows of its import, or of none: the BRIN index knows them. There is one search for all jobs that are decided together.
constexpr Statement kMovedInTime{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at
	FROM vero.events AS e
	WHERE e.contact_id = ANY ($2) AND e.id = ANY ($1))",
	{INT8ARRAYOID, INT8ARRAYOID},
	{{"id", INT8OID}, {"contact_id", INT8OID}, {"occurred_at", TIMESTAMPTZOID}}};
constexpr Statement kMoved{
	R"(
	SELECT e.id, e.contact_id, e.occurred_at
	FROM vero.events AS e
	WHERE (e.import_id = ANY ($2) OR ($3 AND e.import_id IS NULL)) AND e.id = ANY ($1))",
	{INT8ARRAYOID, INT8ARRAYOID, BOOLOID},
	{{"id", INT8OID}, {"contact_id", INT8OID}, {"occurred_at", TIMESTAMPTZOID}}};

Datum event_ids(std::vector<DueJob *> const &jobs)
{
	return int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->event_id; });
}

/// Takes those whose event was found out of `missing`, puts them into `found`, and notes where it is.
template <Statement const &statement>
void note_moved(Returned<statement> const &rows, std::vector<DueJob *> &missing, std::vector<DueJob *> &found)
{
	for (std::size_t i = 0; i < rows.count(); i++) {
		std::int64_t id, contact_id;
		TimestampTz occurred_at;
		call([&] {
			id = rows[i].int8("id");
			contact_id = rows[i].int8("contact_id");
			occurred_at = rows[i].timestamptz("occurred_at");
		});
		for (DueJob *job : missing) {
			if (job->event_id != id)
				continue;
			job->contact_id = contact_id;
			job->occurred_at = occurred_at;
			found.push_back(job);
		}
		std::erase_if(missing, [id](DueJob const *job) { return job->event_id == id; });
	}
}

Returned<kMovedInTime> search_contacts(Catalog const &catalog, std::vector<DueJob *> const &missing)
{
	return call([&] {
		auto contacts = int8_array(missing.size(), [&](std::size_t i) { return missing[i]->contact_id; });
		return run_as_owner<kMovedInTime>(catalog, {event_ids(missing), contacts});
	});
}

Returned<kMoved> search_imports(Catalog const &catalog, std::vector<DueJob *> const &missing)
{
	std::vector<std::int64_t> imports;
	bool is_tracked = false;
	for (DueJob const *job : missing) {
		if (!job->import_id) {
			is_tracked = true;
		} else if (std::find(imports.begin(), imports.end(), *job->import_id) == imports.end()) {
			imports.push_back(*job->import_id);
		}
	}
	return call([&] {
		auto import_ids = int8_array(imports.size(), [&](std::size_t i) { return imports[i]; });
		return as_owner(catalog, [&] {
			(void)set_config_option("enable_bitmapscan", "on", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
									false);
			return run<kMoved>({event_ids(missing), import_ids, is_tracked});
		});
	});
}

} // namespace

std::vector<DueJob *> find_moved_events(Catalog const &catalog, std::vector<DueJob *> missing)
{
	std::vector<DueJob *> found;
	if (!missing.empty())
		note_moved(search_contacts(catalog, missing), missing, found);
	if (!missing.empty())
		note_moved(search_imports(catalog, missing), missing, found);
	std::sort(found.begin(), found.end()); // they lie in one vector
	return found;
}

} // namespace vero::pg
