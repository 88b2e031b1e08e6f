// What was decided of due jobs, and how it is stored.
#include "pg/campaigns/job_decision.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

#include <map>

namespace vero::pg {
namespace {

// Rows of jobs stay where they were locked until the transaction ends, so that their places name them.
constexpr Statement kDiscard{
	R"(
	UPDATE vero.trigger_jobs
	SET state = 'discarded', reason = $2, decided_at = $3, attempts = attempts + 1
	WHERE ctid = ANY ($1))",
	{TIDARRAYOID, TEXTOID, TIMESTAMPTZOID}};

// Errors name values: hardly two of them are equal.
constexpr Statement kFail{
	R"(
	UPDATE vero.trigger_jobs AS j
	SET state = 'failed', error = f.error, decided_at = $3, attempts = j.attempts + 1
	FROM unnest($1, $2) AS f (place, error)
	WHERE j.ctid = f.place)",
	{TIDARRAYOID, TEXTARRAYOID, TIMESTAMPTZOID}};

constexpr Statement kQueue{
	R"(
	UPDATE vero.trigger_jobs AS j
	SET message_id = m.id, decided_at = $3, attempts = j.attempts + 1
	FROM unnest($1, $2) AS m (place, id)
	WHERE j.ctid = m.place)",
	{TIDARRAYOID, INT8ARRAYOID, TIMESTAMPTZOID}};

/// The jobs of one outcome, by their places among all.
using Places = std::vector<std::size_t>;

Datum tid_array(std::span<DueJob const> jobs, Places const &places)
{
	return make_array(places.size(), kTid,
					  [&](std::size_t i) -> std::optional<Datum> { return PointerGetDatum(&jobs[places[i]].place); });
}

/// To be called in call().
template <Statement const &statement>
void update(Catalog const &catalog, Places const &places, Parameters<statement> const &parameters)
{
	std::size_t count = run_as_owner<statement>(catalog, parameters).count();
	if (count > places.size()) {
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("jobs lie in tables below \"vero.trigger_jobs\", where a place does not name one job"),
						errhint("It can neither be a hypertable nor have tables that inherit from it.")));
	}
	if (count != places.size())
		elog(ERROR, "decided %zu of %zu jobs", count, places.size());
}

void discard(Catalog const &catalog, std::span<DueJob const> jobs, Places const &places, std::string_view reason,
			 TimestampTz now)
{
	call([&] { update<kDiscard>(catalog, places, {tid_array(jobs, places), reason, now}); });
}

void fail(Catalog const &catalog, std::span<DueJob const> jobs, Places const &places, TimestampTz now,
		  std::span<JobOutcome const> outcomes)
{
	call([&] {
		auto errors =
			text_array(places.size(), [&](std::size_t i) { return std::string_view(outcomes[places[i]].error); });
		update<kFail>(catalog, places, {tid_array(jobs, places), errors, now});
	});
}

void queue_mail(Catalog const &catalog, std::span<DueJob const> jobs, Places const &places, TimestampTz now,
				std::span<JobOutcome const> outcomes)
{
	std::vector<CampaignMail const *> mails;
	for (std::size_t place : places)
		mails.push_back(&*outcomes[place].mail);
	std::vector<std::int64_t> ids = put_into_outbox(catalog, mails, now);
	call([&] {
		auto message_ids = int8_array(ids.size(), [&](std::size_t i) { return ids[i]; });
		update<kQueue>(catalog, places, {tid_array(jobs, places), message_ids, now});
	});
}

} // namespace

JobCounts store_outcomes(Catalog const &catalog, std::span<DueJob const> jobs, TimestampTz now,
						 std::span<JobOutcome const> outcomes)
{
	Places mails;
	std::map<Discard, Places> discards;
	Places failures;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		if (outcomes[i].discard) {
			discards[*outcomes[i].discard].push_back(i);
		} else if (!outcomes[i].error.empty()) {
			failures.push_back(i);
		} else {
			mails.push_back(i);
		}
	}
	JobCounts counts;
	if (!mails.empty())
		queue_mail(catalog, jobs, mails, now, outcomes);
	counts.queued = static_cast<std::int64_t>(mails.size());
	for (auto const &[reason, places] : discards) {
		discard(catalog, jobs, places, kDiscardNames.at(static_cast<std::size_t>(reason)), now);
		counts.discarded += static_cast<std::int64_t>(places.size());
	}
	if (!failures.empty())
		fail(catalog, jobs, failures, now, outcomes);
	counts.failed = static_cast<std::int64_t>(failures.size());
	return counts;
}

} // namespace vero::pg
