// Reads and judges records on a second core while the backend writes those before them.
#include "pg/import/parse_ahead.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"

#include <chrono>
#include <csignal>
#include <system_error>

extern "C" {
#include "storage/ipc.h"
}

namespace vero::pg {
namespace {

static_assert(kLargestRecord + BatchThread::kChunkSize < std::size_t{1} << 31, "RecordReader's positions");
// the backend looks for interrupts at least this often
constexpr std::chrono::milliseconds kPatience{50};

ParseAhead *innermost; ///< of those that there are

/// While it lives, no signal reaches this thread, nor those that are started: a thread inherits the mask. PostgreSQL's signals are for
/// the backend alone.
class SignalsBlocked {
public:
	SignalsBlocked()
	{
		sigset_t all;
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before_);
	}
	SignalsBlocked(SignalsBlocked const &) = delete;
	SignalsBlocked &operator=(SignalsBlocked const &) = delete;
	~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
	sigset_t before_{};
};

} // namespace

ParseAhead::ParseAhead(BatchMaker &maker) : thread_(start(maker)), outer_(innermost)
{
	innermost = this;
}

BatchThread ParseAhead::start(BatchMaker &maker)
{
	// once: a callback can be taken back only as long as nobody has added another one
	static bool is_registered = false;
	if (!is_registered)
		call([] { before_shmem_exit(stop_all_at_exit, 0); });
	is_registered = true;

	SignalsBlocked const blocked;
	try {
		return BatchThread(maker);
	} catch (std::system_error const &) {
		throw Report{ERRCODE_INSUFFICIENT_RESOURCES, "could not start a thread that reads records ahead", "", ""};
	}
}

ParseAhead::~ParseAhead()
{
	thread_.stop();
	innermost = outer_;
}

void ParseAhead::stop_all_at_exit(int, Datum)
{
	for (ParseAhead *one = innermost; one != nullptr; one = one->outer_)
		one->thread_.stop();
}

Batch *ParseAhead::take()
{
	return thread_.take(kPatience);
}

} // namespace vero::pg
