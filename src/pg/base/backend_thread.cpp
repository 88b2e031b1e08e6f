// Runs a thread of the core's in a backend: no signal reaches it, and it has ended before the backend exits.
#include "pg/base/backend_thread.hpp"

#include <utility>

extern "C" {
#include "storage/ipc.h"
}

namespace vero::pg {
namespace {

StopAtExit *innermost; ///< of those that there are

} // namespace

SignalsBlocked::SignalsBlocked()
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked()
{
	pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

StopAtExit::StopAtExit(std::function<void()> stop) : stop_(std::move(stop)), outer_(innermost)
{
	// once: a callback can be taken back only as long as nobody has added another one
	static bool is_registered = false;
	if (!is_registered)
		call([] { before_shmem_exit(stop_all, 0); });
	is_registered = true;
	innermost = this;
}

StopAtExit::~StopAtExit()
{
	innermost = outer_;
}

void StopAtExit::stop_all(int, Datum)
{
	for (StopAtExit *one = innermost; one != nullptr; one = one->outer_)
		one->stop_();
}

} // namespace vero::pg
