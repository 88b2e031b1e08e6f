// The stages that write, batch by batch.
#include "pg/import/batch_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/input/progress.hpp"

namespace vero::pg {

BatchWriter::BatchWriter(Catalog const &catalog, ImportOutcome &outcome, std::optional<ByteOrder> utf16,
						 ImportContext &context, JournaledImport &journal, JobRegistrar *jobs, RejectSpool *spool,
						 ImportOptions const &options, TimestampTz started_at)
	: outcome_(outcome), context_(context), journal_(journal), contacts_(catalog, outcome.import_id),
	  events_(catalog, outcome.import_id), rejects_(catalog, outcome.import_id, utf16), jobs_(jobs), spool_(spool)
{
	if (outcome.is_dry_run && jobs != nullptr) {
		forecast_.emplace(catalog, *jobs, started_at,
						  options.on_duplicate == OnDuplicate::insert ? ImportForecast::Certain::at_once
																	  : ImportForecast::Certain::when_confirmed);
	}
	if (options.on_suppressed == OnSuppressed::reject)
		suppressed_.emplace(catalog);
	if (options.on_duplicate == OnDuplicate::insert)
		return;
	// a reject names the line that it is a duplicate of, which is known only where that has waited, too
	bool is_held = options.on_duplicate == OnDuplicate::reject || outcome.is_dry_run ||
				   !call([&] { return EventWriter::runs_no_statement(catalog); });
	held_.emplace(catalog, options.on_duplicate,
				  is_held ? HeldEvents::Certain::held : HeldEvents::Certain::written_at_once);
}

KeptOrigins BatchWriter::kept_origins(ImportOptions const &options)
{
	KeptOrigins const kept = HeldEvents::kept_origins(options.on_duplicate);
	return options.on_suppressed == OnSuppressed::insert ? kept : std::max(kept, KeptOrigins::places);
}

void BatchWriter::prepare(std::span<Batch *const> batches)
{
	if (batches.empty())
		return;
	for (Batch *batch : batches) {
		if (suppressed_)
			suppressed_->reject(*batch);
		journal_.note(*batch);
	}
	if (outcome_.is_dry_run)
		return;
	if (deferred_ && contacts_.may_create())
		write_deferred();
	Batch const &first = *batches.front(), &last = *batches.back();
	context_.begin_writing_again(
		{first.first_record, last.first_record + last.records() - first.first_record, last.last_line});
	are_resolved_ = !deferred_ && contacts_.resolve(batches);
	context_.end_writing();
}

void BatchWriter::write(Batch &batch)
{
	check_for_interrupts();
	context_.begin_writing(batch);
	outcome_.rows_read += static_cast<std::int64_t>(batch.records());
	outcome_.rows_imported += static_cast<std::int64_t>(batch.events.size());
	blank_records_ += batch.blank_records;
	if (outcome_.is_dry_run) {
		judge_events(batch);
	} else {
		write_events(batch);
	}
	write_rejects(batch);
	context_.end_writing();
	check_jobs();
}

/// Where the counts of records add up.
void BatchWriter::check_jobs() const
{
	if (!outcome_.is_dry_run && most_jobs_ && jobs_ != nullptr && jobs_->scheduled() > *most_jobs_)
		throw TooManyJobs();
}

void BatchWriter::write_rejects(Batch &batch)
{
	if (spool_ != nullptr) {
		spool_->write(batch);
	} else {
		rejects_.write(batch);
	}
	outcome_.rows_rejected += static_cast<std::int64_t>(batch.rejects.size());
	for (Reject const &reject : batch.rejects)
		outcome_.rejected_bytes += reject.raw.size;
	Progress::note_rows(outcome_.rows_imported, outcome_.rows_rejected);
}

/// Of a dry run.
void BatchWriter::judge_events(Batch &batch)
{
	if (forecast_ || held_)
		contacts_.look_up(batch);
	if (forecast_)
		forecast_->add(batch, contacts_.ids());
	if (held_) {
		held_->hold(batch, contacts_);
	} else if (jobs_ != nullptr) {
		jobs_->count(batch);
	}
}

void BatchWriter::write_events(Batch &batch)
{
	if (are_resolved_) {
		write_resolved(batch);
	} else {
		defer(batch);
	}
}

/// With contacts that were all there, but for those that triggers of this transaction have deleted since.
void BatchWriter::resolve_and_write(Batch &batch)
{
	Batch const *const only = &batch;
	if (!contacts_.resolve({&only, 1})) {
		contacts_.wait_for_turn();
		(void)contacts_.resolve({&only, 1});
	}
	write_resolved(batch);
}

void BatchWriter::write_resolved(Batch &batch)
{
	if (held_)
		held_->hold(batch, contacts_);
	write_certain(batch, contacts_.ids());
}

/// `contact_ids`: by slot.
void BatchWriter::write_certain(Batch &batch, std::span<std::int64_t const> contact_ids)
{
	events_.leave(contacts_.bytes() + (held_ ? held_->bytes() : 0));
	events_.write(batch, contact_ids);
	if (jobs_ != nullptr)
		jobs_->add(batch, events_.ids(), contact_ids);
}

void BatchWriter::defer(Batch &batch)
{
	if (!deferred_)
		deferred_.emplace("deferred events");
	KeptBatch const kept{batch.new_contacts, batch.events, batch.origins, {}};
	if (deferred_->has_room_for(kept) && contacts_.has_room_for(batch)) {
		deferred_->write(batch, kept);
		contacts_.defer(batch);
		return;
	}
	contacts_.wait_for_turn();
	write_deferred();
	context_.begin_writing(batch);
	resolve_and_write(batch);
}

void BatchWriter::write_deferred()
{
	contacts_.create_deferred();
	Batch batch;
	deferred_->rewind();
	while (deferred_->read(batch)) {
		check_for_interrupts();
		context_.begin_writing_again(deferred_->place());
		batch.order_contacts();
		resolve_and_write(batch);
		check_jobs();
	}
	deferred_->close();
	deferred_.reset();
}

void BatchWriter::write_waiting()
{
	if (deferred_) {
		write_deferred();
		context_.end_writing();
	}
	if (held_)
		write_held();
}

/// Whether an event is one more is found out when all contacts have their ids.
void BatchWriter::write_held()
{
	if (!outcome_.is_dry_run) {
		events_.flush();
		held_->lock_contacts();
	}
	held_->compare();
	Batch batch;
	while (held_->read(batch)) {
		check_for_interrupts();
		context_.begin_writing_again(held_->place());
		auto const duplicates = static_cast<std::int64_t>(held_->duplicates());
		outcome_.rows_imported -= duplicates;
		outcome_.rows_duplicate += duplicates - static_cast<std::int64_t>(batch.rejects.size());
		if (!outcome_.is_dry_run) {
			write_certain(batch, held_->contact_ids());
		} else if (jobs_ != nullptr) {
			jobs_->count(batch);
			forecast_->confirm(batch, held_->contact_ids());
		}
		journal_.note_rejects(batch);
		write_rejects(batch);
		check_jobs();
	}
	held_->close();
	context_.end_writing();
}

void BatchWriter::finish()
{
	contacts_.finish();
	events_.finish();
	rejects_.finish();
	outcome_.contacts_created = contacts_.created();
	if (jobs_ != nullptr) {
		jobs_->finish();
		outcome_.campaigns = forecast_ ? forecast_->finish() : jobs_->counts();
		std::erase_if(outcome_.campaigns, [](CampaignCounts const &counts) { return !counts.has_events(); });
		outcome_.jobs_scheduled = jobs_->scheduled();
		outcome_.jobs_discarded = jobs_->discarded();
		outcome_.jobs_overdue = jobs_->overdue();
		outcome_.jobs_of_future = jobs_->of_future();
	}
}

} // namespace vero::pg
