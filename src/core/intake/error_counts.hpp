// Counts the errors of rejects that are like those of others, so that nobody has to look at each of them again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace vero {

struct RecordError;
enum class ErrorCode : unsigned char;

/// What errors that are summed up together have in common.
struct ErrorKind {
	ErrorCode code;
	std::string_view column; ///< where kinds differ by it, else empty
	bool is_time_fault;

	bool operator==(ErrorKind const &) const = default;
};

/// None of an error that says that there are more.
std::optional<ErrorKind> kind_of(RecordError const &error);

class ErrorCounts {
public:
	/// Of each kind, whoever sums up errors is shown the first ones in each batch.
	static constexpr std::size_t kShown = 3;

	struct Count {
		ErrorKind kind; ///< its column is the header's
		std::size_t shown = 0;
		std::int64_t more = 0; ///< those that are counted here only
	};

	/// Takes the errors of a reject. True where they are counted here only; false where they are to be shown, as one of them is among the first of its kind, or as `may_be_counted` says no.
	bool add(std::span<RecordError const> errors, bool may_be_counted);
	std::span<Count const> counts() const { return counts_; }
	void clear() { counts_.clear(); }

private:
	std::size_t place_of(ErrorKind const &kind);

	std::vector<Count> counts_;
	std::vector<std::size_t> places_; ///< in counts_, of the errors in hand
};

} // namespace vero
