// What stands in one column: how many values, of which kind, how long, how they are written.
#pragma once

#include "core/inspect/distinct_counter.hpp"
#include "core/inspect/number_survey.hpp"
#include "core/inspect/time_survey.hpp"
#include "core/property/property_value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// What all values of a column are.
enum class ValueKind : unsigned char { none, email, time, boolean, integer, number, json, text };

class ColumnSurvey {
public:
	static constexpr std::size_t kExamples = 3;
	static constexpr std::size_t kExampleLength = 24; ///< characters that are kept of each
	/// One of so many `columns`.
	explicit ColumnSurvey(std::size_t columns);

	/// TimeSurvey's.
	void expect_times(std::span<TimeLayout const> told) { times_.expect_times(told); }

	/// What is known of a value without looking at it again.
	enum class Known : unsigned char { nothing, address, iso_time };

	/// Adds a value that is trimmed and not empty. `hash` is its counting_hash().
	void add(std::uint64_t hash, std::string_view value, Known known = Known::nothing);

	std::uint64_t filled() const { return filled_; }
	DistinctCounter const &distinct() const { return distinct_; }
	std::size_t longest() const { return longest_; } ///< characters
	std::vector<std::string> const &examples() const { return examples_; }
	TimeSurvey const &times() const { return times_; }
	NumberSurvey const &numbers() const { return numbers_; }

	ValueKind kind() const;
	/// Half of the values that were looked at are addresses, or more.
	bool has_addresses() const { return addresses_ > 0 && addresses_ * 2 >= looked_at_; }
	bool has_no_address() const { return addresses_ == 0; }
	/// All values are true, false, yes or no, in any case.
	bool has_booleans_only() const { return looked_at_ > 0 && booleans_ == looked_at_; }
	/// All values are objects or arrays of JSON.
	bool has_json_only() const { return looked_at_ > 0 && jsons_ == looked_at_; }
	/// All values are times of day, as 13:05 or 1:05 PM.
	bool has_clocks_only() const { return looked_at_ > 0 && clocks_ == looked_at_; }
	/// All values are times, and none has a time of day.
	bool has_dates_only() const { return has_times_only() && without_clock_ == looked_at_; }
	/// Half of the values are times, or more, and not only in seconds since 1970.
	bool has_times() const;
	/// All of them are.
	bool has_times_only() const { return has_times() && times_.times() == filled_; }

private:
	void look_at(std::string_view value, Known known);
	void add_example(std::string_view value);

	std::uint64_t filled_ = 0;
	std::uint64_t looked_at_ = 0; ///< values that were not there lately
	std::uint64_t addresses_ = 0;
	std::uint64_t booleans_ = 0;
	std::uint64_t jsons_ = 0;
	std::uint64_t clocks_ = 0;
	std::uint64_t without_clock_ = 0;
	std::size_t longest_ = 0;
	std::vector<std::string> examples_;
	DistinctCounter distinct_;
	NumberSurvey numbers_;
	TimeSurvey times_;
};

} // namespace vero
