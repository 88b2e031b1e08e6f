// Ends work inside PostgreSQL that takes too long, or too much memory.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// Watches what runs in its scope and cancels it once it is over a limit, as a user's cancel would: with an ERROR (57014) at
/// PostgreSQL's next look for interrupts. Whoever catches that asks is_from_limit(). One at a time.
class WorkLimit {
public:
	enum class Exceeded : unsigned char { none, time, memory };

	/// `memory` is what the work allocates in; its children do not count. `exceeded` is filled when the scope ends. Throws Error.
	WorkLimit(int time_ms, MemoryContext memory, std::size_t bytes, Exceeded &exceeded);
	WorkLimit(WorkLimit const &) = delete;
	WorkLimit &operator=(WorkLimit const &) = delete;
	/// A cancel of its own that nobody has noticed yet is taken back.
	~WorkLimit();

private:
	Exceeded &exceeded_;
	bool had_statement_timeout_;
};

/// True where the error is a cancel by the limit, not the user's and not a timeout's.
bool is_from_limit(ErrorData const *error, WorkLimit::Exceeded exceeded);

} // namespace vero::pg
