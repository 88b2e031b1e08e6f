// The stages that write, batch by batch.
#pragma once

#include "core/report/import_outcome.hpp"
#include "pg/campaigns/job_scheduler.hpp"
#include "pg/contacts/contacts.hpp"
#include "pg/duplicates/held_events.hpp"
#include "pg/forecast/import_forecast.hpp"
#include "pg/import/event_writer.hpp"
#include "pg/import/import_options.hpp"
#include "pg/import/reject_spool.hpp"
#include "pg/import/rejected_rows.hpp"
#include "pg/import/running_import.hpp"
#include "pg/import/suppressed_records.hpp"
#include "pg/journal/import_journal.hpp"

#include <cstdint>
#include <optional>

namespace vero::pg {

/// More jobs were scheduled than may be: all that was written is to be taken back.
struct TooManyJobs {};

/// Writes contacts, events, jobs and rejects, and counts them. A dry run writes the rejects only, and makes a forecast of the jobs.
class BatchWriter {
public:
	/// `jobs`: null for a passive import. `spool`: where rejects are kept back; null: they are written. All that is referred to has to outlive it.
	BatchWriter(Catalog const &catalog, ImportOutcome &outcome, std::optional<ByteOrder> utf16, ImportContext &context,
				JournaledImport &journal, JobRegistrar *jobs, RejectSpool *spool, ImportOptions const &options,
				TimestampTz started_at);

	/// What batches have to have of their events.
	static KeptOrigins kept_origins(ImportOptions const &options);

	/// Unless it is a dry run, no more than so many jobs are to be scheduled.
	void limit_jobs(std::optional<std::int64_t> most) { most_jobs_ = most; }
	/// Has the contacts of batches that come next, in their order. Throws Error, Report, TooManyJobs.
	void prepare(std::span<Batch *const> batches);
	/// Of a batch that was prepared. Throws Error, Report, TooManyJobs.
	void write(Batch &batch);
	/// Writes those events that had to wait for their contacts, or until it is known whether they are duplicates: these are counted
	/// as imported until then. To be called once, after the last write(). Throws Error, Report, TooManyJobs.
	void write_waiting();
	/// What is written is complete, and the outcome's counts are. To be called once, last. Throws Error, Report.
	void finish();
	std::uint64_t blank_records() const { return blank_records_; }

private:
	void judge_events(Batch &batch);
	void write_events(Batch &batch);
	void resolve_and_write(Batch &batch);
	void write_resolved(Batch &batch);
	void write_certain(Batch &batch, std::span<std::int64_t const> contact_ids);
	void defer(Batch &batch);
	void write_deferred();
	void write_rejects(Batch &batch);
	void write_held();
	void check_jobs() const;

	ImportOutcome &outcome_;
	ImportContext &context_;
	JournaledImport &journal_;
	Contacts contacts_;
	EventWriter events_;
	RejectWriter rejects_;
	JobRegistrar *jobs_;
	std::optional<std::int64_t> most_jobs_;
	std::optional<ImportForecast> forecast_; ///< of a dry run that triggers
	RejectSpool *spool_;
	std::optional<BatchFile> deferred_;			  ///< batches whose contacts cannot be created yet
	std::optional<HeldEvents> held_;			  ///< events that may be duplicates; none where these are imported
	std::optional<SuppressedRecords> suppressed_; ///< none where these are imported
	bool are_resolved_ = false;					  ///< the contacts of those that were prepared: else they are deferred
	std::uint64_t blank_records_ = 0;
};

} // namespace vero::pg
