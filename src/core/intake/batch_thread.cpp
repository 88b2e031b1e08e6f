// Makes batches on a second thread: bytes go there, batches come back.
#include "core/intake/batch_thread.hpp"

#include <utility>

namespace vero {

static_assert(BatchLimits().bytes < BatchThread::kLargeBatch, "the batches of short records are made ahead");

BatchThread::BatchThread(BatchMaker &maker, Sha256 *hash) : maker_(maker), hash_(hash)
{
	for (Chunk &chunk : chunks_)
		free_chunks_.push_back(&chunk);
	for (Batch &batch : batches_)
		free_batches_.push_back(&batch);
	thread_ = std::thread([this] { run(); });
}

BatchThread::~BatchThread()
{
	stop();
}

void BatchThread::stop()
{
	{
		std::lock_guard lock(mutex_);
		is_stopped_ = true;
	}
	changed_.notify_all();
	if (!thread_.joinable())
		return;
	thread_.join();
	for (Chunk const *chunk : given_chunks_)
		add_to_hash(*chunk);
}

void BatchThread::add_to_hash(Chunk const &chunk)
{
	if (hash_ != nullptr)
		hash_->add({chunk.bytes.data(), chunk.size});
}

std::span<char> BatchThread::room()
{
	std::lock_guard lock(mutex_);
	if (is_ended_ || (open_chunk_ == nullptr && free_chunks_.empty()))
		return {};
	if (open_chunk_ == nullptr) {
		open_chunk_ = free_chunks_.back();
		free_chunks_.pop_back();
		open_chunk_->bytes.resize(kChunkSize);
	}
	return open_chunk_->bytes;
}

void BatchThread::give(std::size_t size)
{
	{
		std::lock_guard lock(mutex_);
		open_chunk_->size = size;
		given_chunks_.push_back(std::exchange(open_chunk_, nullptr));
		is_ended_ = size == 0;
	}
	changed_.notify_all();
}

Batch *BatchThread::take(std::chrono::milliseconds patience)
{
	std::unique_lock lock(mutex_);
	changed_.wait_for(lock, patience, [this] {
		return !made_batches_.empty() || is_finished_ ||
			   (!is_ended_ && (open_chunk_ != nullptr || !free_chunks_.empty()));
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

Batch *BatchThread::take_next()
{
	std::lock_guard lock(mutex_);
	if (made_batches_.empty() || made_batches_.front()->first_new_contact == 0)
		return nullptr;
	Batch *batch = made_batches_.front();
	made_batches_.pop_front();
	return batch;
}

void BatchThread::give_back(Batch *batch)
{
	if (batch->bytes() > kLargeBatch)
		batch->clear();
	{
		std::lock_guard lock(mutex_);
		free_batches_.push_back(batch);
	}
	changed_.notify_all();
}

bool BatchThread::is_over()
{
	std::lock_guard lock(mutex_);
	return is_finished_ && made_batches_.empty() && !error_;
}

void BatchThread::run() noexcept
{
	std::exception_ptr error;
	try {
		make_batches();
	} catch (...) {
		error = std::current_exception();
	}
	{
		std::lock_guard lock(mutex_);
		error_ = std::move(error);
		is_finished_ = true;
	}
	changed_.notify_all();
}

/// Until the end, or until stopped.
void BatchThread::make_batches()
{
	bool is_large = false; // the batch that was made last
	BatchMaker::State state = BatchMaker::State::full;
	while (state != BatchMaker::State::over) {
		Batch *batch = take_free(is_large);
		if (batch == nullptr)
			return;
		batch->clear();
		while ((state = maker_.fill(*batch)) == BatchMaker::State::hungry) {
			if (!feed())
				return;
		}
		is_large = batch->bytes() > kLargeBatch;
		{
			std::lock_guard lock(mutex_);
			made_batches_.push_back(batch);
		}
		changed_.notify_all();
	}
}

/// Gives the maker the next chunk, or the next piece of one that is compressed; false if stopped.
bool BatchThread::feed()
{
	if (maker_.stream().decompress_more()) {
		std::lock_guard lock(mutex_);
		return !is_stopped_;
	}
	Chunk *chunk = nullptr;
	{
		std::unique_lock lock(mutex_);
		changed_.wait(lock, [this] { return is_stopped_ || !given_chunks_.empty(); });
		if (is_stopped_)
			return false;
		chunk = given_chunks_.front();
		given_chunks_.pop_front();
	}
	add_to_hash(*chunk);
	if (chunk->size == 0) {
		maker_.finish();
	} else {
		maker_.stream().feed({chunk->bytes.data(), chunk->size});
	}
	{
		std::lock_guard lock(mutex_);
		free_chunks_.push_back(chunk);
	}
	changed_.notify_all();
	return true;
}

/// The next batch to be filled, once there is one, or all of them if it `is_alone`; null if stopped.
Batch *BatchThread::take_free(bool is_alone)
{
	std::unique_lock lock(mutex_);
	std::size_t const needed = is_alone ? kBatches : 1;
	changed_.wait(lock, [this, needed] { return is_stopped_ || free_batches_.size() >= needed; });
	if (is_stopped_)
		return nullptr;
	Batch *batch = free_batches_.back();
	free_batches_.pop_back();
	return batch;
}

} // namespace vero
