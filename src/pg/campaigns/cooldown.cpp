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

LastMail find_last_mail_of(Catalog const &catalog, std::vector<DueJob const *> const &jobs)
{
	// on an object that nothing else locks: what it stands for is "applying cooldowns"
	call([&] { LockDatabaseObject(RelationRelationId, catalog.trigger_jobs, 0, ExclusiveLock); });
	std::vector<CampaignContact> asked;
	asked.reserve(jobs.size());
	for (DueJob const *job : jobs)
		asked.push_back({job->campaign_id, job->contact_id});
	std::vector<std::optional<TimestampTz>> found = find_last_mail(catalog, asked);
	LastMail last;
	for (std::size_t i = 0; i < jobs.size(); i++) {
		if (found[i])
			last[pair_of(*jobs[i])] = *found[i];
	}
	return last;
}

} // namespace

std::vector<std::optional<TimestampTz>> find_last_mail(Catalog const &catalog, std::span<CampaignContact const> asked)
{
	auto rows = call([&] {
		return run_kept_as_owner<kLastMail, Planned::once>(
			catalog, {int4_array(asked.size(), [](std::size_t i) { return static_cast<std::int32_t>(i); }),
					  int8_array(asked.size(), [&](std::size_t i) { return asked[i].campaign_id; }),
					  int8_array(asked.size(), [&](std::size_t i) { return asked[i].contact_id; })});
	});
	std::vector<std::optional<TimestampTz>> last(asked.size());
	call([&] {
		for (std::size_t i = 0; i < rows.count(); i++)
			last[rows[i].int4("place")] = rows[i].timestamptz("created_at");
	});
	return last;
}

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
	LastMail last = find_last_mail_of(catalog, limited);
	for (std::size_t i = 0; i < limited.size(); i++) {
		auto [mail, is_first] = last.try_emplace(pair_of(*limited[i]), now);
		if (!is_first && is_within_cooldown(mail->second, now, campaigns.at(limited[i]->campaign_id).cooldown_us)) {
			their_outcomes[i]->mail.reset();
			their_outcomes[i]->discard = Discard::cooldown;
		} else
			mail->second = now;
	}
}

} // namespace vero::pg
