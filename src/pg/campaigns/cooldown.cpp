// Keeps a contact from getting a campaign again too soon.
#include "pg/campaigns/job_decision.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_class_d.h"
#include "storage/lmgr.h"
}

#include <map>

namespace vero::pg {
namespace {

constexpr Statement kLastMail{
	R"(
	SELECT r.place, m.created_at
	FROM unnest($1, $2, $3) AS r (place, campaign_id, contact_id)
	CROSS JOIN LATERAL (
		SELECT k.created_at
		FROM vero.messages AS k
		WHERE k.campaign_id = r.campaign_id AND k.contact_id = r.contact_id AND k.state <> ALL ('{failed,cancelled}'::text[])
		ORDER BY k.created_at DESC
		LIMIT 1) AS m)",
	{INT4ARRAYOID, INT8ARRAYOID, INT8ARRAYOID},
	{{"place", INT4OID}, {"created_at", TIMESTAMPTZOID}}};

/// The ids of a campaign and of a contact.
using Pair = std::pair<std::int64_t, std::int64_t>;
using LastMail = std::map<Pair, TimestampTz>;

Pair pair_of(DueJob const &job)
{
	return {job.campaign_id, job.contact_id};
}

LastMail find_last_mail(Catalog const &catalog, std::vector<DueJob const *> const &jobs)
{
	auto rows = call([&] {
		// on an object that nothing else locks: what it stands for is "applying cooldowns"
		LockDatabaseObject(RelationRelationId, catalog.trigger_jobs, 0, ExclusiveLock);
		return run_as_owner<kLastMail>(
			catalog, {int4_array(jobs.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->campaign_id; }),
					  int8_array(jobs.size(), [&](std::size_t i) { return jobs[i]->contact_id; })});
	});
	LastMail last;
	for (std::size_t i = 0; i < rows.count(); i++) {
		TimestampTz created_at;
		int place = call([&] {
			created_at = rows[i].timestamptz("created_at");
			return rows[i].int4("place");
		});
		last[pair_of(*jobs[place])] = created_at;
	}
	return last;
}

} // namespace

void apply_cooldowns(Catalog const &catalog, std::span<DueJob const> jobs, Campaigns const &campaigns, TimestampTz now,
					 std::span<JobOutcome> outcomes)
{
	std::vector<DueJob const *> limited;
	std::vector<JobOutcome *> their_outcomes;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		if (!outcomes[i].mail || campaigns.at(jobs[i].campaign_id).cooldown_us == 0)
			continue;
		limited.push_back(&jobs[i]);
		their_outcomes.push_back(&outcomes[i]);
	}
	if (limited.empty())
		return;
	LastMail last = find_last_mail(catalog, limited);
	for (std::size_t i = 0; i < limited.size(); i++) {
		auto [mail, is_first] = last.try_emplace(pair_of(*limited[i]), now);
		if (!is_first && now - mail->second < campaigns.at(limited[i]->campaign_id).cooldown_us) {
			their_outcomes[i]->mail.reset();
			their_outcomes[i]->discard = Discard::cooldown;
		} else
			mail->second = now;
	}
}

} // namespace vero::pg
