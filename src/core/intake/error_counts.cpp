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

std::size_t ErrorCounts::place_of(ErrorKind const &kind)
{
	auto const known =
		std::find_if(counts_.begin(), counts_.end(), [&](Count const &count) { return count.kind == kind; });
	if (known != counts_.end())
		return static_cast<std::size_t>(known - counts_.begin());
	counts_.push_back({kind});
	return counts_.size() - 1;
}

bool ErrorCounts::add(std::span<RecordError const> errors, bool may_be_counted)
{
	places_.clear();
	for (RecordError const &error : errors) {
		if (std::optional<ErrorKind> const kind = kind_of(error))
			places_.push_back(place_of(*kind));
	}
	bool const is_counted = may_be_counted && std::all_of(places_.begin(), places_.end(), [this](std::size_t place) {
								return counts_[place].shown >= kShown;
							});
	for (std::size_t const place : places_) {
		if (is_counted) {
			counts_[place].more++;
		} else {
			counts_[place].shown++;
		}
	}
	return is_counted;
}

} // namespace vero
