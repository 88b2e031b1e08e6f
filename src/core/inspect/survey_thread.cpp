// Surveys the columns of records on a second thread, while the first one reads and judges those behind them.
#include "core/inspect/survey_thread.hpp"

#include <utility>

namespace vero {

SurveyThread::SurveyThread(RecordSurvey &survey) : survey_(survey), filling_(batches_.data())
{
	for (std::size_t i = 1; i < kBatches; i++)
		free_.push_back(&batches_[i]);
	thread_ = std::thread([this] { run(); });
}

SurveyThread::~SurveyThread()
{
	stop();
}

void SurveyThread::stop()
{
	{
		std::lock_guard const lock(mutex_);
		is_stopped_ = true;
	}
	changed_.notify_all();
	if (thread_.joinable())
		thread_.join();
}

void SurveyThread::add(Record const &record, std::uint64_t email_hash)
{
	if (record.raw.size() + record.cells.size_bytes() > kBatchSize) {
		finish();
		survey_.add(record, email_hash);
		return;
	}
	Batch &batch = *filling_;
	batch.records.push_back(
		{batch.bytes.size(), record.raw.size(), batch.cells.size(), record.cells.size(), email_hash});
	batch.bytes += record.raw;
	batch.cells.insert(batch.cells.end(), record.cells.begin(), record.cells.end());
	if (batch.size() >= kBatchSize)
		hand_over();
}

void SurveyThread::finish()
{
	if (!filling_->records.empty())
		hand_over();
	wait_for_free(kBatches - 1);
}

void SurveyThread::hand_over()
{
	{
		std::lock_guard const lock(mutex_);
		given_.push_back(filling_);
	}
	changed_.notify_all();
	filling_ = wait_for_free(1);
	std::lock_guard const lock(mutex_);
	free_.pop_front();
}

/// The first of those that are free, once there are so many.
SurveyThread::Batch *SurveyThread::wait_for_free(std::size_t count)
{
	std::unique_lock lock(mutex_);
	changed_.wait(lock, [this, count] { return error_ || free_.size() >= count; });
	if (error_)
		std::rethrow_exception(error_);
	return free_.front();
}

void SurveyThread::run() noexcept
{
	std::exception_ptr error;
	try {
		survey_batches();
	} catch (...) {
		error = std::current_exception();
	}
	{
		std::lock_guard const lock(mutex_);
		error_ = std::move(error);
	}
	changed_.notify_all();
}

/// Until stopped.
void SurveyThread::survey_batches()
{
	while (Batch *batch = take_given()) {
		survey(*batch);
		batch->bytes.clear();
		batch->cells.clear();
		batch->records.clear();
		{
			std::lock_guard const lock(mutex_);
			free_.push_back(batch);
		}
		changed_.notify_all();
	}
}

/// The next batch, once there is one; null if stopped.
SurveyThread::Batch *SurveyThread::take_given()
{
	std::unique_lock lock(mutex_);
	changed_.wait(lock, [this] { return is_stopped_ || !given_.empty(); });
	if (is_stopped_)
		return nullptr;
	Batch *batch = given_.front();
	given_.pop_front();
	return batch;
}

void SurveyThread::survey(Batch const &batch)
{
	std::string_view const bytes = batch.bytes;
	std::span const cells = batch.cells;
	for (Copy const &copy : batch.records) {
		Record record{};
		record.raw = bytes.substr(copy.begin, copy.size);
		record.cells = cells.subspan(copy.first_cell, copy.cells);
		survey_.add(record, copy.email_hash);
	}
}

} // namespace vero
