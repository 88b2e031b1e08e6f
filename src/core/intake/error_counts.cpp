// Counts the errors of rejects that are like those of others, so that nobody has to look at each of them again.
#include "core/intake/error_counts.hpp"

#include "core/intake/batch.hpp"

#include <algorithm>

namespace vero {

std::optional<ErrorKind> kind_of(RecordError const &error)
{
	if (error.code == ErrorCode::more_errors)
		return std::nullopt;
	bool const has_own_column = error.code == ErrorCode::invalid_property || error.code == ErrorCode::unnamed_column;
	return ErrorKind{error.code, has_own_column && error.column ? *error.column : std::string_view(),
					 error.is_time_fault};
}

ErrorCounts::Count &ErrorCounts::count_of(ErrorKind const &kind)
{
	auto const known =
		std::find_if(counts_.begin(), counts_.end(), [&](Count const &count) { return count.kind == kind; });
	return known != counts_.end() ? *known : counts_.emplace_back(Count{kind});
}

bool ErrorCounts::add(std::span<RecordError const> errors, bool may_be_counted)
{
	bool const is_counted = may_be_counted && std::all_of(errors.begin(), errors.end(), [&](RecordError const &error) {
								std::optional<ErrorKind> const kind = kind_of(error);
								return !kind || count_of(*kind).shown >= kShown;
							});
	for (RecordError const &error : errors) {
		std::optional<ErrorKind> const kind = kind_of(error);
		if (!kind)
			continue;
		if (Count &count = count_of(*kind); is_counted) {
			count.more++;
		} else {
			count.shown++;
		}
	}
	return is_counted;
}

} // namespace vero
