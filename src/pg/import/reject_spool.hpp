// Rejected records that wait until it is known whether the import that has them is taken back.
#pragma once

#include "core/intake/batch.hpp"
#include "pg/base/spool_file.hpp"

namespace vero::pg {

/// Keeps rejects, in order, to be read once. What is little stays in memory. The file goes with the transaction, or the part of it, in which
/// this was made: not with one that begins later.
class RejectSpool {
public:
	/// Appends a batch's rejects. Throws Error, Report (53400) where temp_file_limit has no room for them.
	void write(Batch const &batch);
	/// read() begins with the first one. Throws Error.
	void rewind() { file_.rewind(); }
	/// Replaces what `batch` has by the next rejects, as many as are written at a time; false behind the last one. Their errors are there as
	/// they are stored. Throws Error.
	bool read(Batch &batch);
	/// To be called once, last. Throws Error.
	void close() { file_.close(); }

private:
	SpoolFile file_{"rejected records"};
};

} // namespace vero::pg
