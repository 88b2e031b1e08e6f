// Reads and judges records on a second core while the backend writes those before them.
#include "pg/import/parse_ahead.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"

#include <csignal>
#include <system_error>

extern "C" {
#include "storage/ipc.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kChunkSize = 256 * 1024;
static_assert(kLargestRecord + kChunkSize < std::size_t{1} << 31, "RecordReader's positions");
constexpr std::size_t kChunks = 4;
constexpr std::size_t kBatches = 2;
/// Bytes of a batch beside which there is to be no other: it holds a record that is very long.
constexpr std::size_t kLargeBatch = 4 * 1024 * 1024;
static_assert(BatchLimits().bytes < kLargeBatch, "the batches of short records are made ahead");
// the backend looks for interrupts at least this often
constexpr std::chrono::milliseconds kPatience{50};

ParseAhead *innermost; ///< of those that there are

/// In a catch block: the exception in hand, in words for people.
std::exception_ptr explain_missing_thread() noexcept
{
	try {
		throw;
	} catch (std::system_error const &) {
		try {
			throw Report{ERRCODE_INSUFFICIENT_RESOURCES, "could not start a thread that reads records ahead", "", ""};
		} catch (...) {
			return std::current_exception();
		}
	} catch (...) {
		return std::current_exception();
	}
}

} // namespace

ParseAhead::ParseAhead(BatchMaker &maker) : maker_(maker), outer_(innermost), chunks_(kChunks)
{
	for (Chunk &chunk : chunks_) {
		chunk.bytes.resize(kChunkSize);
		free_chunks_.push_back(&chunk);
	}
	for (std::size_t i = 0; i < kBatches; i++) {
		batches_.push_back(std::make_unique<Batch>());
		free_batches_.push_back(batches_.back().get());
	}
	// once: a callback can be taken back only as long as nobody has added another one
	static bool is_registered = false;
	if (!is_registered)
		call([] { before_shmem_exit(stop_all_at_exit, 0); });
	is_registered = true;
	innermost = this;

	// the thread inherits the mask: PostgreSQL's signals are for the backend alone
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	try {
		thread_ = std::thread([this] { run(); });
	} catch (...) {
		is_finished_ = true; // is_over() stays false, and take() tells
		error_ = explain_missing_thread();
	}
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ParseAhead::~ParseAhead()
{
	stop();
	innermost = outer_;
}

void ParseAhead::stop_all_at_exit(int, Datum)
{
	for (ParseAhead *one = innermost; one != nullptr; one = one->outer_)
		one->stop();
}

void ParseAhead::stop()
{
	{
		std::lock_guard lock(mutex_);
		is_stopped_ = true;
	}
	changed_.notify_all();
	if (thread_.joinable())
		thread_.join();
}

std::span<char> ParseAhead::room()
{
	std::lock_guard lock(mutex_);
	if (is_ended_ || free_chunks_.empty())
		return {};
	return free_chunks_.front()->bytes;
}

void ParseAhead::give(std::size_t size)
{
	{
		std::lock_guard lock(mutex_);
		free_chunks_.front()->size = size;
		given_chunks_.push_back(free_chunks_.front());
		free_chunks_.pop_front();
		is_ended_ = size == 0;
	}
	changed_.notify_all();
}

Batch *ParseAhead::take()
{
	std::unique_lock lock(mutex_);
	changed_.wait_for(lock, kPatience, [this] {
		return !made_batches_.empty() || is_finished_ || (!is_ended_ && !free_chunks_.empty());
	});
	if (!made_batches_.empty()) {
		Batch *batch = made_batches_.front();
		made_batches_.pop_front();
		return batch;
	}
	if (error_)
		std::rethrow_exception(error_);
	return nullptr;
}

void ParseAhead::give_back(Batch *batch)
{
	if (batch->bytes() > kLargeBatch)
		batch->clear();
	{
		std::lock_guard lock(mutex_);
		free_batches_.push_back(batch);
	}
	changed_.notify_all();
}

bool ParseAhead::is_over()
{
	std::lock_guard lock(mutex_);
	return is_finished_ && made_batches_.empty() && !error_;
}

void ParseAhead::run()
{
	std::exception_ptr error;
	try {
		make_batches();
	} catch (...) {
		error = std::current_exception();
	}
	{
		std::lock_guard lock(mutex_);
		error_ = error;
		is_finished_ = true;
	}
	changed_.notify_all();
}

/// Until the end, or until stopped.
void ParseAhead::make_batches()
{
	BatchMaker::State state = BatchMaker::State::full;
	while (state != BatchMaker::State::over) {
		Batch *batch = take_free();
		if (batch == nullptr)
			return;
		batch->clear();
		while ((state = maker_.fill(*batch)) == BatchMaker::State::hungry)
			if (!feed())
				return;
		is_large_ = batch->bytes() > kLargeBatch;
		{
			std::lock_guard lock(mutex_);
			made_batches_.push_back(batch);
		}
		changed_.notify_all();
	}
}

/// Gives the maker the next chunk; false if stopped.
bool ParseAhead::feed()
{
	Chunk *chunk;
	{
		std::unique_lock lock(mutex_);
		changed_.wait(lock, [this] { return is_stopped_ || !given_chunks_.empty(); });
		if (is_stopped_)
			return false;
		chunk = given_chunks_.front();
		given_chunks_.pop_front();
	}
	if (chunk->size == 0)
		maker_.finish();
	else
		maker_.stream().feed({chunk->bytes.data(), chunk->size});
	{
		std::lock_guard lock(mutex_);
		free_chunks_.push_back(chunk);
	}
	changed_.notify_all();
	return true;
}

Batch *ParseAhead::take_free()
{
	std::unique_lock lock(mutex_);
	std::size_t needed = is_large_ ? kBatches : 1;
	changed_.wait(lock, [this, needed] { return is_stopped_ || free_batches_.size() >= needed; });
	if (is_stopped_)
		return nullptr;
	Batch *batch = free_batches_.front();
	free_batches_.pop_front();
	return batch;
}

} // namespace vero::pg
