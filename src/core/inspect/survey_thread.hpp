// Surveys the columns of records on a second thread, while the first one reads and judges those behind them.
#pragma once

#include "core/inspect/record_survey.hpp"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace vero {

/// A thread that runs a RecordSurvey, from construction to destruction. Its owner, who is one other thread, gives it records, which are
/// copied. Of these copies there are so many, and who finds no room waits for the thread.
class SurveyThread {
public:
	static constexpr std::size_t kBatches = 4;
	/// Bytes of a batch, cells included, with which it is handed over. Of a larger record there is no copy: the owner surveys it, while the
	/// thread rests.
	static constexpr std::size_t kBatchSize = std::size_t{128} * 1024;

	/// `survey` outlives it, and but for email_hash() is nobody else's until finish() has returned. Throws std::system_error if there can be no thread.
	explicit SurveyThread(RecordSurvey &survey);
	SurveyThread(SurveyThread const &) = delete;
	SurveyThread &operator=(SurveyThread const &) = delete;
	/// Stops it.
	~SurveyThread();

	/// Has RecordSurvey::add() called with these. Throws what that has thrown of a record before.
	void add(Record const &record, std::uint64_t email_hash);
	/// Waits until all records are surveyed. Throws as add() does.
	void finish();
	/// Ends the thread, which finishes the batch in hand first, and waits until it has ended. May be called more than once.
	void stop();

private:
	struct Copy {
		std::size_t begin, size;
		std::size_t first_cell, cells;
		std::uint64_t email_hash;
	};
	struct Batch {
		std::string bytes;
		std::vector<Cell> cells;
		std::vector<Copy> records;

		std::size_t size() const { return bytes.size() + cells.size() * sizeof(Cell) + records.size() * sizeof(Copy); }
	};

	void hand_over();
	Batch *wait_for_free(std::size_t count);
	void run() noexcept;
	void survey_batches();
	Batch *take_given();
	void survey(Batch const &batch);

	RecordSurvey &survey_;
	std::array<Batch, kBatches> batches_;
	Batch *filling_; ///< the owner's

	std::mutex mutex_; ///< guards all members below, but for thread_
	std::condition_variable changed_;
	std::deque<Batch *> free_;
	std::deque<Batch *> given_;
	std::exception_ptr error_;
	bool is_stopped_ = false;

	std::thread thread_;
};

} // namespace vero
