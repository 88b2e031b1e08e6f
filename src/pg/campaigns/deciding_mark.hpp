// Remembers which jobs a worker has begun to decide, beyond its own end: a job that ends its worker again and again is found, and failed.
#pragma once

#include "pg/campaigns/due_jobs.hpp"

namespace vero::pg {

/// A job that was begun by itself and never decided.
struct UndecidedJob {
	std::int64_t event_id;
	std::int64_t campaign_id;
	int times; ///< so often, since that was counted last
	std::string words;
};

/// The mark of this database. It is in a file, as shared memory goes where a process crashes. Jobs are decided many at a time; where
/// that did not come to its end, the same ones are begun one by one, so that what one of them does is not put down to the others. A
/// disk that is full only means that nothing is remembered. Throws std::bad_alloc only.
class DecidingMark {
public:
	/// Reads what the last worker left.
	DecidingMark();
	DecidingMark(DecidingMark const &) = delete;
	DecidingMark &operator=(DecidingMark const &) = delete;
	~DecidingMark();

	/// To be counted before anything else is begun.
	std::optional<UndecidedJob> const &undecided() const { return undecided_; }
	void note_counted();

	/// How many jobs are to be begun together.
	int at_once(int usual) const { return careful_until_ ? 1 : usual; }
	/// Writes down that these jobs, at least one, are being decided.
	void begin(std::span<DueJob const> jobs);
	/// They are decided, or what kept them from it is not to be put down to them.
	void end();
	/// Has the jobs that are begun fail, with these words as the reason.
	void fail(std::string_view words);

private:
	/// What the file holds.
	struct Begun {
		std::int32_t jobs; ///< 0: none
		std::int32_t times;
		std::int64_t event_id; ///< of the first one, as the next
		std::int64_t campaign_id;
		TimestampTz until_due_at; ///< jobs up to this place are to be begun one by one
		std::int64_t until_event_id;
		bool are_times_unknown; ///< the others up to there were begun once before, together with others
		char words[256];
	};

	void recall(Begun const &begun);
	void write();

	int fd_ = -1;
	Begun begun_{};
	std::optional<UndecidedJob> undecided_;
	std::optional<JobPosition> careful_until_;
	bool were_begun_together_ = false; ///< those up to careful_until_
};

/// Counts those attempts, in the current transaction; after three the job is failed. Opens an SpiConnection itself. Throws Error.
void count_undecided(UndecidedJob const &job);

/// Removes what is left of a database that is gone.
void forget_deciding_mark(Oid database) noexcept;

} // namespace vero::pg
