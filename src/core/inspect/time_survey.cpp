// Finds out how the times of a column are written.
#include "core/inspect/time_survey.hpp"

#include "core/text/character.hpp"
#include "core/time/event_time.hpp"
#include "core/time/time_parts.hpp"
#include "core/time/unread_time.hpp"

#include <algorithm>

namespace vero {
namespace {

constexpr std::size_t kShortestTime = 5; // bytes
constexpr std::size_t kMostChosen = 10;	 // layouts
// Of one column; all have so many together.
constexpr std::size_t kLeastShapes = 4, kMostShapes = 256, kAllShapes = 32 * 1024;
constexpr std::size_t kLeastKinds = 8, kMostKinds = 1000, kAllKinds = 64 * 1024;
static_assert(kMaxTimeLayouts < 64, "there is a bit for each, and for others");

constexpr std::uint64_t bit(std::size_t index)
{
	return std::uint64_t{1} << index;
}

bool is_unix(TimeLayout const &layout)
{
	return layout.text().starts_with("unix_");
}

/// Whether layouts are worth a try.
bool may_be_time(std::string_view text)
{
	return text.size() >= kShortestTime && text.size() <= kLongestTime &&
		   std::count_if(text.begin(), text.end(), is_digit) >= 3;
}

} // namespace

TimeSurvey::TimeSurvey(std::size_t columns)
	: most_shapes_(std::clamp(kAllShapes / std::max<std::size_t>(columns, 1), kLeastShapes, kMostShapes)),
	  most_kinds_(std::clamp(kAllKinds / std::max<std::size_t>(columns, 1), kLeastKinds, kMostKinds))
{
}

void TimeSurvey::expect_times(std::span<TimeLayout const> told)
{
	is_expected_ = true;
	told_.assign(told.begin(), told.end());
	for (TimeLayout const &layout : told_)
		add_layout(layout);
}

void TimeSurvey::add_layout(TimeLayout const &layout)
{
	layouts_.push_back(&layout);
	differs_.push_back(0);
}

void TimeSurvey::give_up()
{
	has_given_up_ = true;
	shapes_.clear();
	layouts_ = {};
	differs_ = {};
	readers_.clear();
}

void TimeSurvey::look_at(std::string_view text)
{
	values_++;
	if (parse_event_time(text, utc_zone())) {
		iso_++;
		return;
	}
	if (!may_be_time(text) || !count_other(text))
		unread_++;
	if (!is_expected_ && values_ == kTrial && unread_ == values_)
		give_up();
}

/// False where no layout reads it.
bool TimeSurvey::count_other(std::string_view text)
{
	note_shape(text);
	Mask readers = 0;
	std::array<std::int64_t, kMostLayouts> instants;
	for (std::size_t i = 0; i < layouts_.size(); i++) {
		if (std::optional<std::int64_t> const instant = layouts_[i]->read(text, utc_zone()).instant_us) {
			instants[i] = *instant;
			readers |= bit(i);
		}
	}
	if (readers == 0)
		return false;
	note_differences(readers, instants);
	if (readers_.size() < most_kinds_ || readers_.contains(readers))
		readers_[readers]++;
	return true;
}

/// Finds the layouts that may read values that are written so, whatever their numbers are: those that read this one, or find a day or hour in
/// it that there is not.
void TimeSurvey::note_shape(std::string_view text)
{
	shape_.clear();
	for (std::size_t i = 0; i < text.size(); i++) {
		if (!is_digit(text[i])) {
			shape_ += lower_ascii(text[i]);
			continue;
		}
		// one digit and two are one way to write a number, three are another
		std::size_t const begin = i;
		while (i + 1 < text.size() && is_digit(text[i + 1]))
			i++;
		shape_.append(std::max<std::size_t>(i + 1 - begin, 2), '0');
	}
	if (shapes_.size() >= most_shapes_ || !shapes_.insert(shape_).second)
		return;
	for (TimeLayout const *layout : find_similar_layouts(text)) {
		bool const is_known = std::any_of(layouts_.begin(), layouts_.end(),
										  [&](TimeLayout const *known) { return known->text() == layout->text(); });
		if (!is_known && layouts_.size() < kMostLayouts)
			add_layout(*layout);
	}
}

void TimeSurvey::note_differences(Mask readers, std::array<std::int64_t, kMostLayouts> const &instants)
{
	if ((readers & (readers - 1)) == 0)
		return;
	for (std::size_t i = 0; i < layouts_.size(); i++) {
		if ((readers & bit(i)) == 0 || (differs_[i] & readers) == (readers & ~bit(i)))
			continue;
		for (std::size_t j = 0; j < layouts_.size(); j++) {
			if ((readers & bit(j)) != 0 && instants[i] != instants[j])
				differs_[i] |= bit(j);
		}
	}
}

std::uint64_t TimeSurvey::read_by(std::size_t layout) const
{
	std::uint64_t count = 0;
	for (auto const &[readers, values] : readers_)
		count += (readers & bit(layout)) != 0 ? values : 0;
	return count;
}

std::uint64_t TimeSurvey::read_by_first_only(std::size_t first, std::size_t second) const
{
	std::uint64_t count = 0;
	for (auto const &[readers, values] : readers_)
		count += (readers & bit(first)) != 0 && (readers & (bit(second) | told())) == 0 ? values : 0;
	return count;
}

std::uint64_t TimeSurvey::unix_times() const
{
	Mask others = 0;
	for (std::size_t i = 0; i < layouts_.size(); i++)
		others |= is_unix(*layouts_[i]) ? 0 : bit(i);
	std::uint64_t count = 0;
	for (auto const &[readers, values] : readers_)
		count += (readers & others) == 0 ? values : 0;
	return count;
}

std::vector<LayoutCount> TimeSurvey::counts() const
{
	std::vector<LayoutCount> counts;
	if (iso_ > 0)
		counts.push_back({"ISO 8601", iso_});
	for (std::size_t i = 0; i < layouts_.size(); i++) {
		if (std::uint64_t const values = read_by(i); values > 0)
			counts.push_back({layouts_[i]->text(), values});
	}
	std::stable_sort(counts.begin(), counts.end(),
					 [](LayoutCount const &a, LayoutCount const &b) { return a.values > b.values; });
	return counts;
}

/// Another layout that may be meant as well. One that reads values that the other does not, and none that it does not, is the one.
std::optional<LayoutDoubt> TimeSurvey::find_doubt(std::size_t layout) const
{
	for (std::size_t other = 0; other < layouts_.size(); other++) {
		if ((differs_[layout] & bit(other)) == 0)
			continue;
		std::uint64_t const alone = read_by_first_only(layout, other), other_alone = read_by_first_only(other, layout);
		if (alone == 0 || other_alone > 0)
			return LayoutDoubt{layouts_[layout]->text(), layouts_[other]->text(), alone, other_alone};
	}
	return std::nullopt;
}

LayoutChoice TimeSurvey::choose() const
{
	LayoutChoice choice;
	std::map<Mask, std::uint64_t> rest = readers_;
	std::erase_if(rest, [this](auto const &kind) { return (kind.first & told()) != 0; });
	while (!rest.empty() && choice.layouts.size() < kMostChosen) {
		std::array<std::uint64_t, kMostLayouts> counts{};
		for (auto const &[readers, values] : rest) {
			for (std::size_t i = 0; i < layouts_.size(); i++)
				counts[i] += (readers & bit(i)) != 0 ? values : 0;
		}
		auto const best = static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
		if (choice.doubt = find_doubt(best); choice.doubt) {
			choice.layouts.clear();
			return choice;
		}
		choice.layouts.push_back(layouts_[best]->text());
		std::erase_if(rest, [best](auto const &kind) { return (kind.first & bit(best)) != 0; });
	}
	return choice;
}

} // namespace vero
