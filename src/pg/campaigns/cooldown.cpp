// Keeps a contact from getting a campaign again too soon.
#include "pg/campaigns/job_decision.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "storage/lmgr.h"
}

#include <algorithm>
#include <map>
#include <tuple>

namespace vero::pg {
namespace {

// The latest mail first: hardly ever is more than that one looked at.
constexpr Statement kNearMail{
	R"(
	SELECT r.place
	FROM unnest($1, $2, $3, $4, $5, $6) AS r (place, campaign_id, contact_id, written_after, after, before)
	CROSS JOIN LATERAL (
		SELECT
		FROM vero.messages AS k
		JOIN vero.trigger_jobs AS j ON j.event_id = k.event_id AND j.campaign_id = k.campaign_id
		WHERE k.campaign_id = r.campaign_id AND k.contact_id = r.contact_id AND k.created_at > r.written_after AND k.state <> ALL ('{failed,cancelled}'::text[])
			AND greatest(j.due_at, j.registered_at) > r.after AND greatest(j.due_at, j.registered_at) < r.before
		ORDER BY k.created_at DESC
		LIMIT 1) AS m)",
	{INT4ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID, TIMESTAMPTZARRAYOID},
	{{"place", INT4OID}}};

constexpr Statement kLastMail{
	R"(
	SELECT r.place, m.counts_from
	FROM unnest($1, $2, $3, $4) AS r (place, campaign_id, contact_id, written_after)
	CROSS JOIN LATERAL (
		SELECT max(greatest(j.due_at, j.registered_at)) AS counts_from
		FROM vero.messages AS k
		JOIN vero.trigger_jobs AS j ON j.event_id = k.event_id AND j.campaign_id = k.campaign_id
		WHERE k.campaign_id = r.campaign_id AND k.contact_id = r.contact_id AND k.created_at > r.written_after AND k.state <> ALL ('{failed,cancelled}'::text[])) AS m
	WHERE m.counts_from IS NOT NULL)",
	{INT4ARRAYOID, INT8ARRAYOID, INT8ARRAYOID, TIMESTAMPTZARRAYOID},
	{{"place", INT4OID}, {"counts_from", TIMESTAMPTZOID}}};

/// A job whose mail is written unless a cooldown forbids it.
struct LimitedJob {
	DueJob const *job;
	std::int64_t cooldown_us;
	JobOutcome *outcome;
};

/// Whether the outbox has a mail that forbids it, for each of the jobs.
std::vector<bool> find_near_mail(Catalog const &catalog, std::span<LimitedJob const> jobs, TimestampTz now)
{
	auto rows = call([&] {
		auto times = [&](auto &&time_of) {
			return timestamptz_array(jobs.size(), [&](std::size_t i) { return time_of(jobs[i]); });
		};
		return run_kept_as_owner<kNearMail, Planned::once>(
			catalog, {int4_array(jobs.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i].job->campaign_id; }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i].job->contact_id; }),
					  times([&](LimitedJob const &limited) { return now - limited.cooldown_us; }),
					  times([](LimitedJob const &limited) { return limited.job->counts_from - limited.cooldown_us; }),
					  times([](LimitedJob const &limited) { return limited.job->counts_from + limited.cooldown_us; })});
	});
	std::vector<bool> found(jobs.size());
	call([&] {
		for (std::size_t i = 0; i < rows.count(); i++)
			found[rows[i].int4("place")] = true;
	});
	return found;
}

} // namespace

std::vector<std::optional<TimestampTz>> find_last_mail(Catalog const &catalog, std::span<AskedMail const> asked)
{
	auto rows = call([&] {
		return run_kept_as_owner<kLastMail, Planned::once>(
			catalog, {int4_array(asked.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
					  int8_array(asked.size(), [&](std::size_t i) { return asked[i].campaign_id; }),
					  int8_array(asked.size(), [&](std::size_t i) { return asked[i].contact_id; }),
					  timestamptz_array(asked.size(), [&](std::size_t i) { return asked[i].written_after; })});
	});
	std::vector<std::optional<TimestampTz>> last(asked.size());
	call([&] {
		for (std::size_t i = 0; i < rows.count(); i++)
			last[rows[i].int4("place")] = rows[i].timestamptz("counts_from");
	});
	return last;
}

void apply_cooldowns(Catalog const &catalog, std::span<DueJob const> jobs, Campaigns const &campaigns, TimestampTz now,
					 std::span<JobOutcome> outcomes)
{
	std::vector<LimitedJob> limited;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		std::int64_t const cooldown_us = campaigns.at(jobs[i].campaign_id).cooldown_us;
		if (outcomes[i].mail && cooldown_us > 0)
			limited.push_back({&jobs[i], cooldown_us, &outcomes[i]});
	}
	if (limited.empty())
		return;
	// as a worker that is on time decides them, one by one
	std::sort(limited.begin(), limited.end(), [](LimitedJob const &one, LimitedJob const &other) {
		auto order_of = [](DueJob const &job) { return std::tuple(job.counts_from, job.due_at, job.event_id); };
		return order_of(*one.job) < order_of(*other.job);
	});
	// on an object that nothing else locks: what it stands for is "applying cooldowns"
	call([&] { LockDatabaseObject(RelationRelationId, catalog.trigger_jobs, 0, ExclusiveLock); });
	std::vector<bool> const has_near_mail = find_near_mail(catalog, limited, now);
	std::map<std::pair<std::int64_t, std::int64_t>, std::vector<TimestampTz>> written; // by campaign and contact
	for (std::size_t i = 0; i < limited.size(); i++) {
		LimitedJob const &here = limited[i];
		std::vector<TimestampTz> &theirs = written[{here.job->campaign_id, here.job->contact_id}];
		bool const is_too_near = std::any_of(theirs.begin(), theirs.end(), [&](TimestampTz other) {
			return is_within_cooldown(other, here.job->counts_from, here.cooldown_us);
		});
		if (has_near_mail[i] || is_too_near) {
			here.outcome->mail.reset();
			here.outcome->discard = Discard::cooldown;
		} else {
			theirs.push_back(here.job->counts_from);
		}
	}
}

} // namespace vero::pg
