// Says why a text was not read as a time, and which layouts would read it.
#include "core/time/unread_time.hpp"

#include "core/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace vero {
namespace {

constexpr std::size_t kNamedLayouts = 3; // in a message

constexpr std::string_view kDates[] = {
	"%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y",	 "%m/%d/%y",  "%Y/%m/%d",	 "%d.%m.%Y",	 "%d.%m.%y",	"%Y.%m.%d",
	"%d-%m-%Y", "%m-%d-%Y", "%d-%m-%y",	 "%m-%d-%y",  "%Y-%m-%d",	 "%d %b %Y",	 "%d-%b-%Y",	"%d-%b-%y",
	"%d/%b/%Y", "%b %d %Y", "%b %d, %Y", "%d. %b %Y", "%a %d %b %Y", "%a, %d %b %Y", "%a %b %d %Y", "%a, %b %d, %Y"};
constexpr std::string_view kClocks[] = {
	"",			  " %H:%M",		" %H:%M:%S",  " %I:%M %p",	   " %I:%M:%S %p", " %I:%M%p",	   " %I:%M:%S%p",
	", %H:%M",	  ", %H:%M:%S", ", %I:%M %p", ", %I:%M:%S %p", " %H:%M %z",	   " %H:%M:%S %z", " %I:%M:%S %p %z",
	" %H:%M Uhr", ", %H:%M Uhr"};
constexpr std::string_view kOthers[] = {"unix_s",
										"unix_ms",
										"unix_us",
										"%Y%m%d%H%M%S",
										"%Y%m%d %H%M%S",
										"%Y-%m-%d %H:%M:%S,%f",
										"%d/%b/%Y:%H:%M:%S %z",
										"%a %b %d %H:%M:%S %Y",
										"%a %b %d %Y %H:%M:%S GMT%z",
										"%Y/%m/%d %I:%M:%S %p GMT%z",
										"%H:%M %d/%m/%Y",
										"%H:%M %m/%d/%Y",
										"%H:%M %d.%m.%Y"};

/// Layouts that all begin alike. What does not begin so fits none of them.
struct LayoutGroup {
	TimeLayout start;
	std::vector<TimeLayout> layouts;
};

/// Those that cannot be compiled are left out: they would read ISO 8601 otherwise.
void add_layout(std::vector<TimeLayout> &layouts, std::string const &text)
{
	if (Result<TimeLayout, LayoutError> compiled = TimeLayout::compile(text))
		layouts.push_back(*std::move(compiled));
}

LayoutGroup make_group(std::string const &start, std::span<std::string const> endings)
{
	LayoutGroup group{TimeLayout::compile(start).value(), {}};
	for (std::string const &ending : endings)
		add_layout(group.layouts, start + ending);
	return group;
}

std::vector<LayoutGroup> make_common_layouts()
{
	std::vector<std::string> const clocks(std::begin(kClocks), std::end(kClocks));
	std::vector<LayoutGroup> groups;
	for (std::string_view const date : kDates)
		groups.push_back(make_group(std::string(date), clocks));
	for (std::string_view const other : kOthers)
		groups.push_back(make_group(std::string(other), std::vector<std::string>{""}));
	return groups;
}

std::vector<LayoutGroup> make_iso_layouts()
{
	std::vector<std::string> endings{""};
	for (std::string const separator : {" ", "T", "t"}) {
		for (std::string const clock : {"%H:%M", "%H:%M:%S", "%H%M", "%H%M%S"}) {
			for (std::string const offset : {"", "%z", " %z"})
				endings.push_back(std::string(separator).append(clock).append(offset));
		}
	}
	std::vector<LayoutGroup> groups;
	groups.push_back(make_group("%Y-%m-%d", endings));
	groups.push_back(make_group("%Y%m%d", endings));
	return groups;
}

/// An array of one layout.
std::string as_array(std::string_view layout)
{
	std::string const quote = layout.find(',') == layout.npos ? "" : "\"";
	return "{" + quote + std::string(layout) + quote + "}";
}

/// Names the layouts that would read it, if there are any.
std::string advise(std::string_view text, Notation notation)
{
	std::string const words = recommend_layouts(find_fitting_layouts(text), notation);
	return words.empty() ? words : "; " + words + " it";
}

/// Calls `found(layout, reading)` for each common layout that reads the text, or finds a fault in it.
template <class Found> void try_common_layouts(std::string_view text, Found const &found)
{
	static std::vector<LayoutGroup> const groups = make_common_layouts();
	if (text.size() > kLongestTime)
		return;
	for (LayoutGroup const &group : groups) {
		if (!group.start.takes_start_of(text))
			continue;
		for (TimeLayout const &layout : group.layouts) {
			if (TimeReading const reading = layout.read(text, utc_zone()); reading.instant_us || reading.fault)
				found(layout, reading);
		}
	}
}

} // namespace

std::string recommend_layouts(std::span<std::string_view const> layouts, Notation notation)
{
	std::string words;
	for (std::size_t i = 0; i < std::min(layouts.size(), kNamedLayouts); i++) {
		words += i == 0 ? write_option(notation, "time_formats", as_array(layouts[i]))
						: " or '" + as_array(layouts[i]) + "'";
	}
	return words.empty() ? words : words + " would read";
}

std::vector<std::string_view> find_fitting_layouts(std::string_view text)
{
	std::vector<std::string_view> fitting;
	try_common_layouts(text, [&](TimeLayout const &layout, TimeReading const &reading) {
		if (reading.instant_us)
			fitting.push_back(layout.text());
	});
	return fitting;
}

std::vector<TimeLayout const *> find_similar_layouts(std::string_view text)
{
	std::vector<TimeLayout const *> similar;
	try_common_layouts(text, [&](TimeLayout const &layout, TimeReading const &) { similar.push_back(&layout); });
	return similar;
}

std::optional<TimeFault> find_iso_fault(std::string_view text)
{
	static std::vector<LayoutGroup> const groups = make_iso_layouts();
	if (text.size() > kLongestTime)
		return std::nullopt;
	for (LayoutGroup const &group : groups) {
		if (!group.start.takes_start_of(text))
			continue;
		for (TimeLayout const &layout : group.layouts) {
			if (TimeReading const reading = layout.read(text, utc_zone()); reading.fault)
				return reading.fault;
		}
	}
	return std::nullopt;
}

UnreadTime explain_unread_time(std::string_view text, std::string_view where, TimeZone const &zone,
							   TimeLayouts const &layouts, Notation notation)
{
	std::string const shown = quote_clipped(text) + std::string(where);
	if (std::optional<TimeFault> const fault = find_iso_fault(text))
		return {shown + " is not a time: " + fault->words(), true};
	for (TimeLayout const &layout : layouts.list) {
		if (TimeReading const reading = layout.read(text, zone, layouts.zones); reading.fault) {
			return {shown + " is not a time in " + quote_clipped(layout.text()) + ": " + reading.fault->words() +
						advise(text, notation),
					false};
		}
	}
	std::string const advice = advise(text, notation);
	if (layouts.list.empty()) {
		return {shown + " is not a time in ISO 8601" + (advice.empty() ? ", such as 2022-01-31 13:05:00+10" : advice),
				false};
	}
	return {shown + " is not a time in ISO 8601, nor in " +
				(layouts.list.size() == 1 ? quote_clipped(layouts.list.front().text()) : "any layout of time_formats") +
				advice,
			false};
}

} // namespace vero
