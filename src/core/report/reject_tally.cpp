// Sums up what is wrong with the rejected records of a file: kinds of errors, and examples of each.
#include "core/report/reject_tally.hpp"

#include "core/text/text.hpp"
#include "core/time/unread_time.hpp"

#include <algorithm>

namespace vero {
namespace {

// As many bytes as may be shown of a text, and a character more, so that it is seen that there was more.
constexpr std::size_t kLongestCharacter = 4;
constexpr std::size_t kMaxRaw = kLongestCharacter * (kShownRawLength + 1);
constexpr std::size_t kMaxReason = kLongestCharacter * (kShownReasonLength + 1);
static_assert(kMaxRaw + kMaxReason == RejectTally::kLargestExample);
static_assert(ErrorCounts::kShown >= RejectTally::kExamplesOfKind, "what may be an example is not only counted");

ShownReject to_shown(Reject const &reject)
{
	return {static_cast<std::int64_t>(reject.line_number), std::string(reject.reason.view().substr(0, kMaxReason)),
			std::string(reject.raw.view().substr(0, kMaxRaw))};
}

} // namespace

RejectTally::Kind &RejectTally::find(ErrorKind const &kind)
{
	auto const known = std::find_if(kinds_.begin(), kinds_.end(), [&](Kind const &other) {
		return ErrorKind{other.code, other.column, other.is_fault} == kind;
	});
	if (known != kinds_.end())
		return *known;
	if (kinds_.size() + 1 < kRejectKinds)
		return kinds_.emplace_back(Kind{kind.code, std::string(kind.column), kind.is_time_fault});
	if (kinds_.size() + 1 == kRejectKinds)
		kinds_.push_back({ErrorCode::more_errors, "", false});
	return kinds_.back();
}

void RejectTally::add(Batch const &batch)
{
	for (Reject const &reject : batch.rejects) {
		if (!reject.is_counted)
			add(reject);
	}
	// each kind was met above
	for (ErrorCounts::Count const &count : batch.error_counts.counts())
		find(count.kind).count += count.more;
}

void RejectTally::add(Reject const &reject)
{
	bool is_example = false, is_undecodable = false;
	for (RecordError const &error : reject.errors) {
		std::optional<ErrorKind> const named = kind_of(error);
		if (!named)
			continue;
		Kind &kind = find(*named);
		is_undecodable = is_undecodable || error.code == ErrorCode::invalid_encoding;
		if (error.code == ErrorCode::invalid_time && !kind.is_fault && error.value)
			layouts_.add(*error.value);
		if (kind.count++ == 0)
			kind.example = error.value.value_or("");
		is_example = is_example || kind.shown < kExamplesOfKind;
	}
	if (is_undecodable && are_all_windows_1252_)
		are_all_windows_1252_ = reads_as_windows_1252(reject.raw.view());
	if (!is_example || examples_.size() == kShownRejects)
		return;
	// what is known of a record only when all are read comes later than what stands behind it
	auto const later = std::upper_bound(
		examples_.begin(), examples_.end(), static_cast<std::int64_t>(reject.line_number),
		[](std::int64_t line_number, ShownReject const &shown) { return line_number < shown.line_number; });
	examples_.insert(later, to_shown(reject));
	for (RecordError const &error : reject.errors) {
		if (std::optional<ErrorKind> const kind = kind_of(error))
			find(*kind).shown++;
	}
}

std::string RejectTally::words_of(Kind const &kind) const
{
	switch (kind.code) {
	case ErrorCode::missing_email:
		return "email is missing";
	case ErrorCode::invalid_email:
		return "not an email address";
	case ErrorCode::missing_event_name:
		return "event name is missing";
	case ErrorCode::event_name_too_long:
		return "event name is too long";
	case ErrorCode::missing_time:
		return "time is missing";
	case ErrorCode::invalid_time:
		return kind.is_fault			   ? "a time that does not exist"
			   : setting_.has_time_layouts ? "not a time in ISO 8601, nor in time_formats"
										   : "not a time in ISO 8601";
	case ErrorCode::no_partition:
		return "a time that no partition of vero.events takes";
	case ErrorCode::too_few_fields:
		return "fewer fields than the header has";
	case ErrorCode::too_many_fields:
		return "more fields than the header has";
	case ErrorCode::malformed_quote:
		return "text behind a closing quote";
	case ErrorCode::unterminated_quote:
		return "a quote that is not closed";
	case ErrorCode::invalid_encoding:
		return "not valid " + setting_.encoding;
	case ErrorCode::nul_byte:
		return "a NUL byte";
	case ErrorCode::record_too_long:
		return "longer than vero_events.max_record_size allows";
	case ErrorCode::unnamed_column:
		return "a value in a column without a name";
	case ErrorCode::repeated_header:
		return "the header once more";
	case ErrorCode::invalid_property:
		return "not of the type of column " + quote_clipped(kind.column);
	case ErrorCode::duplicate_event:
		return "a duplicate of another event";
	case ErrorCode::suppressed:
		return "an address that was forgotten";
	case ErrorCode::more_errors:
		break;
	}
	return "other errors";
}

/// Without the last word: which option "would read" them.
std::string RejectTally::advice_on(Kind const &kind) const
{
	if (kind.code == ErrorCode::invalid_time && !kind.is_fault)
		return recommend_layouts(layouts_.names(), setting_.notation);
	if (kind.code == ErrorCode::invalid_encoding && setting_.encoding == "UTF8" && are_all_windows_1252_)
		return write_option(setting_.notation, "encoding", kWindows1252) + " would read";
	if (kind.code == ErrorCode::unnamed_column)
		return write_option(setting_.notation, "columns", R"({"": null})") + " would drop";
	if (kind.code == ErrorCode::no_partition)
		return "vero.create_partitions() would make room for";
	return "";
}

std::vector<RejectKind> RejectTally::kinds() const
{
	std::vector<RejectKind> kinds;
	for (Kind const &kind : kinds_) {
		std::string advice = advice_on(kind);
		if (!advice.empty())
			advice += kind.count == 1 ? " it" : " them";
		bool const has_example = kind.code != ErrorCode::invalid_encoding && kind.code != ErrorCode::nul_byte &&
								 kind.code != ErrorCode::more_errors;
		kinds.push_back({kind.count, words_of(kind), has_example ? kind.example : "", std::move(advice)});
	}
	return kinds;
}

} // namespace vero
