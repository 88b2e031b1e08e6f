// How long writing a stored jsonb object takes.
#include "core/property/jsonb.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace {

/// The members are given in order: an import sorts its file's columns once.
void build_jsonb(benchmark::State &state)
{
	auto const count = static_cast<std::size_t>(state.range(0));
	std::vector<std::string> keys = {"number", "item_type", "amount"}, values = {"123456", "yellow_shirt", "149.49"};
	for (std::size_t i = keys.size(); i < count; ++i) {
		keys.push_back("property " + std::to_string(i + 1));
		values.push_back("value " + std::to_string(i + 1) + " of " + std::to_string(i * 7919 % 1000));
	}
	std::vector<vero::Member> members;
	for (std::size_t i = 0; i < count; ++i)
		members.push_back({keys[i], values[i]});
	std::sort(members.begin(), members.end(),
			  [](auto const &a, auto const &b) { return vero::is_jsonb_key_less(a.key, b.key); });
	std::vector<std::uint32_t> room(16'384);
	for (auto _ : state) {
		auto const size = vero::jsonb_object_size(members);
		vero::write_jsonb_object(members, reinterpret_cast<char *>(room.data()));
		benchmark::DoNotOptimize(size);
		benchmark::ClobberMemory();
	}
	state.SetItemsProcessed(state.iterations());
}

} // namespace

BENCHMARK(build_jsonb)->Arg(3)->Arg(50);
