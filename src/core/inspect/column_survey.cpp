// What stands in one column: how many values, of which kind, how long, how they are written.
#include "core/inspect/column_survey.hpp"

#include "core/text/character.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "core/time/time_parts.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace vero {
namespace {

constexpr std::array<std::string_view, 4> kBooleans{"true", "false", "yes", "no"};
constexpr std::array<std::string_view, 3> kBehindClocks{"am", "pm", "uhr"};

bool is_boolean(std::string_view text)
{
	return std::any_of(kBooleans.begin(), kBooleans.end(),
					   [text](std::string_view word) { return is_in_any_case(text, word); });
}

bool is_json(std::string_view text)
{
	if (text.front() != '{' && text.front() != '[')
		return false;
	std::string out;
	return PropertyReader(std::nullopt, Notation::function).read(PropertyType::json, text, out).has_value();
}

/// 13:05, 13:05:06.7, 1:05 PM, 13:05 Uhr
bool is_clock(std::string_view text)
{
	TimeCursor cursor(text);
	auto const skip_number = [&cursor](std::size_t least) {
		std::size_t digits = 0;
		for (; digits < 2 && cursor.is_at_digit(); digits++)
			cursor.skip_bytes(1);
		return digits >= least;
	};
	bool is_right = skip_number(1) && cursor.skip(':') && skip_number(2);
	if (is_right && cursor.skip(':'))
		is_right = skip_number(2);
	if (is_right && cursor.skip('.')) {
		while (cursor.is_at_digit())
			cursor.skip_bytes(1);
	}
	cursor.skip_spaces();
	std::string_view const rest = cursor.rest();
	return is_right && (rest.empty() || std::any_of(kBehindClocks.begin(), kBehindClocks.end(),
													[rest](auto word) { return is_in_any_case(rest, word); }));
}

/// 2022-01-31, 31.1.22, Jan 31 2022: a time without a time of day, if it is a time.
bool is_without_clock(std::string_view text)
{
	constexpr std::size_t kLongestDate = 40;
	constexpr std::ptrdiff_t kDigitsOfDate = 8;
	return text.size() <= kLongestDate && std::count_if(text.begin(), text.end(), is_digit) <= kDigitsOfDate &&
		   text.find(':') == text.npos;
}

// For different values, of which half as many are counted one by one. More would not stay in the processor's cache.
constexpr std::size_t kMostSlots = std::size_t{32} * 1024;		// of a column
constexpr std::size_t kAllSlots = std::size_t{2} * 1024 * 1024; // of all columns

/// How many each of so many columns may have.
std::size_t slots_of(std::size_t columns)
{
	std::size_t const share = std::bit_floor(kAllSlots / std::max<std::size_t>(columns, 1));
	return std::clamp(share, DistinctCounter::kFirstSlots, kMostSlots);
}

} // namespace

ColumnSurvey::ColumnSurvey(std::size_t columns) : distinct_(slots_of(columns)), times_(columns) {}

void ColumnSurvey::add(std::uint64_t hash, std::string_view value, Known known)
{
	filled_++;
	if (distinct_.add(hash))
		look_at(value, known);
	// all of them are counted
	if (known == Known::iso_time) {
		times_.add_iso_time();
	} else {
		times_.add(value);
	}
}

void ColumnSurvey::add_example(std::string_view value)
{
	std::string example = clip_printable(value, kExampleLength);
	if (std::find(examples_.begin(), examples_.end(), example) == examples_.end())
		examples_.push_back(std::move(example));
}

void ColumnSurvey::look_at(std::string_view value, Known known)
{
	if (examples_.size() < kExamples)
		add_example(value);
	// bytes are counted first, as they are never fewer
	if (value.size() > longest_)
		longest_ = std::max(longest_, utf8_length(value));
	if (known == Known::address || (value.find('@') != value.npos && is_email(value)))
		addresses_++;
	// what is not all of them so far will not be all of them
	if (booleans_ == looked_at_ && is_boolean(value))
		booleans_++;
	if (jsons_ == looked_at_ && is_json(value))
		jsons_++;
	if (clocks_ == looked_at_ && is_clock(value))
		clocks_++;
	// where there are no times nobody asks how they are written
	if (without_clock_ == looked_at_ && !times_.has_given_up() && is_without_clock(value))
		without_clock_++;
	numbers_.add(value);
	looked_at_++;
}

bool ColumnSurvey::has_times() const
{
	if (times_.has_given_up())
		return false;
	std::uint64_t const told = times_.times() - times_.unix_times();
	return told > 0 && told * 2 >= filled_;
}

ValueKind ColumnSurvey::kind() const
{
	if (filled_ == 0)
		return ValueKind::none;
	if (addresses_ == looked_at_)
		return ValueKind::email;
	if (NumberForm const form = numbers_.form(); form != NumberForm::no_numbers)
		return form == NumberForm::integers ? ValueKind::integer : ValueKind::number;
	if (has_times_only())
		return ValueKind::time;
	return has_booleans_only() ? ValueKind::boolean : has_json_only() ? ValueKind::json : ValueKind::text;
}

} // namespace vero
