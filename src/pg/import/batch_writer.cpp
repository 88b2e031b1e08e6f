// The stages that write, batch by batch.
#include "pg/import/batch_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/input/progress.hpp"

namespace vero::pg {

BatchWriter::BatchWriter(Catalog const &catalog, ImportOutcome &outcome, std::optional<ByteOrder> utf16,
						 ImportContext &context, JournaledImport &journal, JobRegistrar *jobs, RejectSpool *spool)
	: outcome_(outcome), context_(context), journal_(journal), contacts_(catalog, outcome.import_id),
	  events_(catalog, outcome.import_id), rejects_(catalog, outcome.import_id, utf16), jobs_(jobs), spool_(spool)
{
}

void BatchWriter::write(Batch &batch)
{
	check_for_interrupts();
	journal_.note(batch);
	context_.begin_writing(batch);
	if (!outcome_.is_dry_run) {
		write_events(batch);
	} else if (jobs_ != nullptr) {
		jobs_->count(batch);
	}
	if (spool_ != nullptr) {
		spool_->write(batch);
	} else {
		rejects_.write(batch);
	}
	outcome_.rows_read += static_cast<std::int64_t>(batch.records());
	outcome_.rows_imported += static_cast<std::int64_t>(batch.events.size());
	outcome_.rows_rejected += static_cast<std::int64_t>(batch.rejects.size());
	blank_records_ += batch.blank_records;
	for (Reject const &reject : batch.rejects)
		outcome_.rejected_bytes += reject.raw.size;
	Progress::note_rows(outcome_.rows_imported, outcome_.rows_rejected);
	context_.end_writing();
}

void BatchWriter::write_events(Batch &batch)
{
	if (deferred_ && contacts_.may_create()) {
		write_deferred();
		context_.begin_writing(batch);
	}
	if (deferred_ || !contacts_.resolve(batch)) {
		defer(batch);
	} else {
		write_resolved(batch);
	}
}

/// With contacts that were all there, but for those that triggers of this transaction have deleted since.
void BatchWriter::resolve_and_write(Batch &batch)
{
	if (!contacts_.resolve(batch)) {
		contacts_.wait_for_turn();
		(void)contacts_.resolve(batch);
	}
	write_resolved(batch);
}

void BatchWriter::write_resolved(Batch &batch)
{
	events_.write(batch, contacts_);
	if (jobs_ != nullptr)
		jobs_->add(batch, events_.ids(), contacts_);
}

void BatchWriter::defer(Batch &batch)
{
	if (!deferred_)
		deferred_.emplace();
	if (deferred_->has_room_for(batch.new_contacts, batch.events) && contacts_.has_room_for(batch)) {
		deferred_->write(batch, batch.new_contacts, batch.events);
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
	}
	deferred_->close();
	deferred_.reset();
}

void BatchWriter::finish()
{
	if (deferred_) {
		write_deferred();
		context_.end_writing();
	}
	contacts_.finish();
	events_.finish();
	rejects_.finish();
	outcome_.contacts_created = contacts_.created();
	if (jobs_ != nullptr) {
		jobs_->finish();
		outcome_.jobs_scheduled = jobs_->scheduled();
		outcome_.jobs_discarded = jobs_->discarded();
		outcome_.jobs_overdue = jobs_->overdue();
		outcome_.jobs_of_future = jobs_->of_future();
	}
}

} // namespace vero::pg
