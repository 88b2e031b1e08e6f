// The forecast of an import: what would become of the jobs that its events would get.
#pragma once

#include "pg/base/spool_file.hpp"
#include "pg/campaigns/job_scheduler.hpp"
#include "pg/forecast/forecast.hpp"

namespace vero::pg {

/// Takes batch after batch of a dry run. Needs an SpiConnection.
class ImportForecast {
public:
	/// When it is known that an event will be imported: when it comes, or when it was confirmed, as it may be a duplicate.
	enum class Certain : unsigned char { at_once, when_confirmed };

	/// `jobs` outlives it.
	ImportForecast(Catalog const &catalog, JobRegistrar const &jobs, TimestampTz now, Certain certain);

	/// The batch has the addresses of its events, and their origins where these are not certain at once; `contact_ids` has contacts by slot: below 0 where
	/// there is none yet. Throws Error, Report.
	void add(Batch const &batch, std::span<std::int64_t const> contact_ids);
	/// These of the events that were added are imported; they have their origins. Throws Error, Report.
	void confirm(Batch const &batch, std::span<std::int64_t const> contact_ids);
	/// To be called once, last: `jobs` has counted the events. Of all campaigns, as these are there. Throws Error, Report.
	std::vector<CampaignCounts> finish();

private:
	/// What is known of a contact, by slot.
	struct Known {
		bool is_unsubscribed = false;
		ContactProperties properties = ContactProperties::none;
	};

	void note_contacts(Batch const &batch, std::span<std::int64_t const> contact_ids);
	void keep_address(std::int64_t contact_id, std::string_view email);
	void name_new_contacts(std::vector<CampaignCounts> &counts);

	Catalog catalog_;
	JobRegistrar const &jobs_;
	Certain certain_;
	Forecast forecast_;
	std::vector<Known> known_;
	std::size_t most_slots_ = 0;					   ///< so many there were at most
	SpoolFile addresses_{"addresses of new contacts"}; ///< each with its number before it, and its size
	std::uint64_t events_ = 0;
};

} // namespace vero::pg
