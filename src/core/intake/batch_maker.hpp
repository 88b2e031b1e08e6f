// Fills batches: reading and judging, one record after the other.
#pragma once

#include "core/csv/record_stream.hpp"
#include "core/intake/batch.hpp"
#include "core/intake/contact_index.hpp"
#include "core/intake/validator.hpp"

#include <cstdint>
#include <functional>

namespace vero {

/// The stages of an import that need nothing but bytes. It may run on a thread of its own.
class BatchMaker {
public:
	enum class State : unsigned char {
		hungry, ///< more input is needed; its stream may have some that is compressed
		full,	///< the batch is to be taken
		over,	///< there are no more records; the batch holds the last ones
	};
	/// Turns a record of another encoding into UTF-8; the result is valid until the next call.
	using Convert = std::function<Record(Record const &)>;

	/// `convert` may be empty. `key` is random: addresses are known by their hash (ContactIndex).
	BatchMaker(RecordStream stream, ValidationRules rules, Convert convert, HashKey const &key,
			   BatchLimits const &limits = {});

	RecordStream &stream() { return stream_; }
	/// No more bytes will come.
	void finish();
	/// Goes on filling `batch`, which the caller clears when it has taken it.
	State fill(Batch &batch);
	/// Of all records so far. Not while another thread fills batches.
	ReadingCounts const &counts() const { return validator_.counts(); }

private:
	void begin(Batch &batch);
	static State end(Batch &batch, State state);

	RecordStream stream_;
	Validator validator_;
	Convert convert_;
	BatchLimits limits_;
	ContactIndex contacts_;
	std::uint64_t records_ = 0;
	bool is_finished_ = false;
};

} // namespace vero
