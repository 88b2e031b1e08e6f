// How long reading a time takes, in the layouts that files have.
#include "core/time/event_time.hpp"
#include "core/time/time_layout.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

namespace {

/// Different days and seconds, with the endings that test/bench/generate_events writes.
std::vector<std::string> make_times()
{
	constexpr std::array endings = {"+10", "Z", "-03:30", " +0000", "+02:00", ".5Z", ".123456+01", "-08"};
	std::vector<std::string> times;
	for (unsigned i = 0; i < 1024; ++i) {
		unsigned const second = i * 7919 % 86'400;
		std::array<char, 64> text;
		std::snprintf(text.data(), text.size(), "%u-%02u-%02u%c%02u:%02u:%02u%s", 2021 + i % 3, 1 + i % 12, 1 + i % 28,
					  i % 2 == 0 ? 'T' : ' ', second / 3600, second / 60 % 60, second % 60,
					  endings[i % endings.size()]);
		times.emplace_back(text.data());
	}
	return times;
}

void parse_event_times(benchmark::State &state)
{
	auto const times = make_times();
	vero::TimeZone const zone;
	std::size_t i = 0;
	for (auto _ : state) {
		auto const instant = vero::parse_event_time(times[i++ % times.size()], zone);
		if (!instant)
			state.SkipWithError("that is a time");
		benchmark::DoNotOptimize(instant);
	}
	state.SetItemsProcessed(state.iterations());
}

/// Times in a layout that is told: ISO 8601 is tried first, in vain.
void parse_told_layout(benchmark::State &state)
{
	std::vector<std::string> times;
	for (auto const &time : make_times())
		times.push_back(time.substr(8, 2) + '/' + time.substr(5, 2) + '/' + time.substr(0, 4) + ' ' +
						time.substr(11, 8));
	vero::TimeZone const zone;
	auto const layout = vero::TimeLayout::compile("%d/%m/%Y %H:%M:%S").value();
	std::size_t i = 0;
	for (auto _ : state) {
		auto const &time = times[i++ % times.size()];
		auto const instant = vero::parse_event_time(time, zone) ? std::nullopt : layout.read(time, zone).instant_us;
		if (!instant)
			state.SkipWithError("that is a time");
		benchmark::DoNotOptimize(instant);
	}
	state.SetItemsProcessed(state.iterations());
}

} // namespace

BENCHMARK(parse_event_times);
BENCHMARK(parse_told_layout);
