// What becomes of an import's events for one of the campaigns that they trigger.
#pragma once

#include "core/campaign/discard.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vero {

/// Somebody who gets much mail of one campaign.
struct BusyContact {
	std::int64_t contact_id = 0; ///< below 0: who is not there yet
	std::string email;
	std::int64_t mails = 0;
};

/// Of an import that is not a dry run, what its jobs are when they are given; of a dry run, what would become of them.
struct CampaignCounts {
	std::int64_t campaign_id = 0;
	std::string name;
	std::int64_t now = 0;		   ///< due at once: within the campaign's grace
	std::int64_t later = 0;		   ///< due at their time
	std::int64_t first_due_us = 0; ///< of those that are due later, since 1970-01-01 00:00 UTC
	std::int64_t last_due_us = 0;
	std::array<std::int64_t, kDiscardNames.size()> discarded{}; ///< by Discard
	std::int64_t failed = 0;									///< whose condition or mail is an error
	// Of a dry run only.
	std::int64_t contacts = 0;		  ///< who get its mail
	std::vector<BusyContact> busiest; ///< those who get most of it, first

	std::int64_t scheduled() const { return now + later; }
	std::int64_t &of(Discard reason) { return discarded[static_cast<std::size_t>(reason)]; }
	std::int64_t of(Discard reason) const { return discarded[static_cast<std::size_t>(reason)]; }
	bool has_events() const
	{
		std::int64_t others = failed;
		for (std::int64_t count : discarded)
			others += count;
		return scheduled() + others > 0;
	}

	/// One more that is due at once, or later.
	void add_now() { now++; }
	void add_later(std::int64_t due_us)
	{
		first_due_us = later == 0 || due_us < first_due_us ? due_us : first_due_us;
		last_due_us = later == 0 || due_us > last_due_us ? due_us : last_due_us;
		later++;
	}
};

} // namespace vero
