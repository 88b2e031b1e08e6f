// Makes batches on a second thread: bytes go there, batches come back.
#pragma once

#include "core/compression/sha256.hpp"
#include "core/intake/batch_maker.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace vero {

/// A thread that runs a BatchMaker, from construction to destruction. Its owner, who is one other thread, gives it bytes and takes batches.
/// What lies between the two is bounded: there are so many chunks and so many batches, and who finds none free waits.
class BatchThread {
public:
	static constexpr std::size_t kChunkSize = std::size_t{256} * 1024;
	static constexpr std::size_t kChunks = 8;
	static constexpr std::size_t kBatches = 4;
	/// Bytes of a batch beside which no other is made: it holds a record that is very long.
	static constexpr std::size_t kLargeBatch = std::size_t{4} * 1024 * 1024;

	/// `maker` outlives it, and is nobody else's as long as the thread runs. So is `hash`, which has all bytes that were given when that ends; null: nobody asks for it. Throws
	/// std::system_error if there can be no thread.
	explicit BatchThread(BatchMaker &maker, Sha256 *hash = nullptr);
	BatchThread(BatchThread const &) = delete;
	BatchThread &operator=(BatchThread const &) = delete;
	/// Stops it.
	~BatchThread();

	/// Room for bytes, if the thread can do with some now; else empty.
	std::span<char> room();
	/// Gives the thread the first `size` bytes of room(); 0: the end.
	void give(std::size_t size);

	/// The next batch, in the order of the records. Null when there is room() to be filled first, or nothing happens for as long as
	/// `patience`. Once all batches that were finished before it are taken, throws what the maker threw.
	Batch *take(std::chrono::milliseconds patience);
	/// The next batch, if it is made and all slots of contacts go on with it; null else.
	Batch *take_next();
	/// Takes the batch back, to be filled again.
	void give_back(Batch *batch);
	/// True once all batches were taken.
	bool is_over();

	/// Ends the thread, which finishes the batch in hand first if it has all bytes of that uncompressed, and waits until it has ended. May be called
	/// more than once.
	void stop();

private:
	struct Chunk {
		std::vector<char> bytes;
		std::size_t size = 0;
	};

	void run() noexcept;
	void make_batches();
	void add_to_hash(Chunk const &chunk);
	bool feed();
	Batch *take_free(bool is_alone);

	BatchMaker &maker_;
	Sha256 *hash_;
	std::array<Chunk, kChunks> chunks_;
	std::array<Batch, kBatches> batches_;

	std::mutex mutex_; ///< guards all members below, but for thread_
	std::condition_variable changed_;
	// of what is free the last one is taken first: its memory is the one that was used last
	std::vector<Chunk *> free_chunks_;
	Chunk *open_chunk_ = nullptr; ///< that room() has given out
	std::deque<Chunk *> given_chunks_;
	std::vector<Batch *> free_batches_;
	std::deque<Batch *> made_batches_;
	std::exception_ptr error_;
	bool is_stopped_ = false;
	bool is_finished_ = false; ///< by the thread
	bool is_ended_ = false;	   ///< the end was given

	std::thread thread_;
};

} // namespace vero
