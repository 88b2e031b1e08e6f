// Reads and judges records on a second core while the backend writes those before them.
#pragma once

#include "core/intake/batch_maker.hpp"
#include "pg/base/postgres.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace vero::pg {

/// A thread that runs a BatchMaker and nothing else: no function of PostgreSQL's, all signals blocked. It is stopped and joined when
/// the scope ends, also by an error, and before the backend exits. The backend gives it bytes and takes batches, both through
/// bounded queues.
class ParseAhead {
public:
	/// `maker` and `taken` outlive it; the maker has been run on this thread so far, its batches were taken.
	explicit ParseAhead(BatchMaker &maker);
	ParseAhead(ParseAhead const &) = delete;
	ParseAhead &operator=(ParseAhead const &) = delete;
	~ParseAhead();

	/// Room for bytes to be read into, if the thread can do with some now; else empty.
	std::span<char> room();
	/// Gives it the first `size` bytes of room(); 0: the end.
	void give(std::size_t size);

	/// The next batch, after a short while null if there is none yet. Throws what the thread threw.
	Batch *take();
	/// Takes the batch back, to be filled again.
	void give_back(Batch *batch);
	/// True once all batches were taken.
	bool is_over();

private:
	struct Chunk {
		std::vector<char> bytes;
		std::size_t size = 0;
	};

	static void stop_all_at_exit(int code, Datum);
	void stop();
	void run();
	void make_batches();
	bool feed();
	Batch *take_free();

	BatchMaker &maker_;
	ParseAhead *outer_; ///< of an import in one of whose triggers this one runs
	std::vector<Chunk> chunks_;
	std::vector<std::unique_ptr<Batch>> batches_;

	std::mutex mutex_; ///< guards all members below
	std::condition_variable changed_;
	std::deque<Chunk *> free_chunks_;
	std::deque<Chunk *> given_chunks_;
	std::deque<Batch *> free_batches_;
	std::deque<Batch *> made_batches_;
	std::exception_ptr error_;
	bool is_stopped_ = false;
	bool is_finished_ = false; ///< by the thread
	bool is_ended_ = false;	   ///< the end was given

	bool is_large_ = false; ///< the thread's own: the batch that it made last is a large one

	std::thread thread_;
};

} // namespace vero::pg
