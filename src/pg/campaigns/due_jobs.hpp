// Jobs whose time has come, and what has to be known to decide them.
#pragma once

#include "core/campaign/template.hpp"
#include "core/text/result.hpp"
#include "pg/campaigns/decide_jobs.hpp"
#include "pg/sql/catalog.hpp"

extern "C" {
#include "datatype/timestamp.h"
#include "storage/itemptr.h"
#include "utils/jsonb.h"
#include "utils/jsonpath.h"
}

#include <unordered_map>

namespace vero::pg {

/// What a campaign's mail is written from. A part that is not there is not in the mail.
struct MailTemplates {
	std::optional<Template> subject;
	std::optional<Template> body_text;
	std::optional<Template> body_html;
};

/// A campaign at the moment at which its jobs are decided.
struct Campaign {
	bool is_active;
	bool is_transactional;
	std::int64_t cooldown_us;		 ///< 0: none
	Result<MailTemplates> templates; ///< or why this version does not read them, of which the campaign's jobs fail
	std::optional<std::string> from_address;
};

/// Campaigns by their ids.
using Campaigns = std::unordered_map<std::int64_t, Campaign>;

/// A job that this transaction has locked. What points to memory of PostgreSQL's lives as long as the SpiConnection in
/// which the details were read.
struct DueJob {
	ItemPointerData place; ///< in vero.trigger_jobs
	std::int64_t event_id;
	std::int64_t campaign_id;
	std::int64_t contact_id;
	TimestampTz occurred_at;
	TimestampTz due_at;
	TimestampTz counts_from;			   ///< for cooldowns: when it was due, or registered where that was later
	std::optional<std::int64_t> import_id; ///< none: its event was tracked
	std::int32_t attempts;				   ///< so far

	// read_details() fills these in.
	std::string email; ///< empty: the contact is gone
	bool is_unsubscribed = false;
	Jsonb *contact_properties = nullptr;
	std::string event_name; ///< empty: the event is gone
	Jsonb *event_properties = nullptr;
	JsonPath *condition = nullptr;
	Jsonb *condition_input = nullptr; ///< what the condition is judged over; null: there is nothing to judge
	std::string error;				  ///< why it cannot be decided

	// judge_conditions() fills these in.
	bool is_condition_true = true;
	bool is_condition_null = false; ///< perhaps it is neither true nor false
	bool has_met_limit = false;		///< it took too long, or too much memory
};

/// Locks up to `limit` jobs that are due at `now` and not before `from`, in the order of their time; those that others hold are passed over.
/// Needs an SpiConnection, as the rest here. Throws Error.
std::vector<DueJob> claim_due_jobs(Catalog const &catalog, int limit, JobPosition from, TimestampTz now);

/// The campaigns of these jobs. Throws Error.
Campaigns find_campaigns(Catalog const &catalog, std::vector<DueJob> const &jobs);
/// Those with these ids, which differ. Throws Error.
Campaigns find_campaigns(Catalog const &catalog, std::span<std::int64_t const> ids);

/// Reads event and contact of the jobs, in order, until they take a few megabytes, and says of how many: at least one. Where that is an
/// error for one job, they are read one by one. Throws Error.
std::size_t read_details(Catalog const &catalog, std::span<DueJob *const> jobs);

/// Those of `missing` whose event is still there, with another contact or at another time than the job says, in their order: from now on
/// the job says what the event does. Searches the table once for all of them. Needs an SpiConnection. Throws Error.
std::vector<DueJob *> find_moved_events(Catalog const &catalog, std::vector<DueJob *> missing);

} // namespace vero::pg
