// Finds out how the times of a column are written.
#pragma once

#include "core/time/time_layout.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// How many values a layout reads.
struct LayoutCount {
	std::string layout; ///< "ISO 8601", or one of time_formats
	std::uint64_t values;
};

/// Two layouts that read the same values as different times, and no value, or some on either side, tells which one is meant.
struct LayoutDoubt {
	std::string first;
	std::string second;
	std::uint64_t first_alone; ///< values that the second does not read
	std::uint64_t second_alone;
};

/// What is to be added to `time_formats`.
struct LayoutChoice {
	std::vector<std::string>
		layouts; ///< that read all that can be read, beside ISO 8601 and those that are told; none where there is a doubt
	std::optional<LayoutDoubt> doubt;
};

/// Tries ISO 8601 and the common layouts on one value after the other. All layouts are tried only on a value that is written in another way
/// than those before it: its digits aside, it is another text. After that those that may read such values are counted.
class TimeSurvey {
public:
	/// One of so many `columns`: the more there are, the fewer ways of writing are told apart in each.
	explicit TimeSurvey(std::size_t columns);
	TimeSurvey(TimeSurvey &&) = default;
	TimeSurvey &operator=(TimeSurvey &&) = default;
	TimeSurvey(TimeSurvey const &) = delete; // there are pointers into it
	TimeSurvey &operator=(TimeSurvey const &) = delete;
	~TimeSurvey() = default;

	/// To be called first for a column that is the time: it does not give up where the first values are no times. Values that one of the
	/// `told` layouts reads are settled.
	void expect_times(std::span<TimeLayout const> told);

	/// `text` is trimmed, and not empty.
	void add(std::string_view text)
	{
		if (!has_given_up_)
			look_at(text);
	}

	/// The same of a text that ISO 8601 reads.
	void add_iso_time()
	{
		values_++;
		iso_++;
	}

	std::uint64_t values() const { return values_; } ///< that were looked at
	std::uint64_t times() const { return values_ - unread_; }
	/// Values that nothing reads but a unix layout.
	std::uint64_t unix_times() const;
	bool has_given_up() const { return has_given_up_; }

	/// Those that read the most first.
	std::vector<LayoutCount> counts() const;
	LayoutChoice choose() const;

private:
	using Mask = std::uint64_t;
	static constexpr std::size_t kMostLayouts = 64; // bits of a mask
	static constexpr std::uint64_t kTrial = 32;		// values

	void look_at(std::string_view text);
	void give_up();
	void add_layout(TimeLayout const &layout);
	bool count_other(std::string_view text);
	void note_shape(std::string_view text);
	void note_differences(Mask readers, std::array<std::int64_t, kMostLayouts> const &instants);
	Mask told() const { return (Mask{1} << told_.size()) - 1; }
	std::uint64_t read_by(std::size_t layout) const;
	std::uint64_t read_by_first_only(std::size_t first, std::size_t second) const;
	std::optional<LayoutDoubt> find_doubt(std::size_t layout) const;

	std::size_t most_shapes_;
	std::size_t most_kinds_;
	bool is_expected_ = false;
	bool has_given_up_ = false;
	std::uint64_t values_ = 0;
	std::uint64_t iso_ = 0;
	std::uint64_t unread_ = 0;
	std::set<std::string, std::less<>> shapes_;
	std::string shape_;
	std::vector<TimeLayout> told_;
	std::vector<TimeLayout const *> layouts_; ///< the told ones, and those that may read values of one of the shapes
	std::vector<Mask> differs_;				  ///< for each of them, those that read a value as another time
	std::map<Mask, std::uint64_t> readers_;	  ///< how many values are read by just these layouts
};

} // namespace vero
