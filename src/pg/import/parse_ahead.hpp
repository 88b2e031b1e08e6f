// Reads and judges records on a second core while the backend writes those before them.
#pragma once

#include "core/intake/batch_thread.hpp"
#include "pg/base/backend_thread.hpp"

#include <span>

namespace vero::pg {

/// A BatchThread inside a backend: all signals are blocked in the thread, and it has ended before the backend exits. The thread runs no
/// function of PostgreSQL's.
class ParseAhead {
public:
	/// `maker` outlives it, and has been run on the backend's own thread so far: its batches were taken. `hash`: as BatchThread has it.
	ParseAhead(BatchMaker &maker, Sha256 *hash);
	ParseAhead(ParseAhead const &) = delete;
	ParseAhead &operator=(ParseAhead const &) = delete;

	/// These do what BatchThread's members of the same names do.
	std::span<char> room() { return thread_.room(); }
	void give(std::size_t size) { thread_.give(size); }
	void give_back(Batch *batch) { thread_.give_back(batch); }
	bool is_over() { return thread_.is_over(); }
	/// The batches that were made, all of whose contacts may be looked for at once; none soon enough for the backend to look for interrupts.
	std::vector<Batch *> take();

private:
	BatchThread thread_;
	StopAtExit stop_at_exit_;
};

} // namespace vero::pg
