// A number for what an event is beside its contact and its time, made where it is read.
#include "core/intake/event_number.hpp"

#include <algorithm>
#include <cstring>

namespace vero {
namespace {

/// Eight bytes at a time.
std::uint64_t mix_in(std::uint64_t hash, std::string_view bytes)
{
	constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
	auto take = [&](std::uint64_t word) {
		hash = (hash ^ word) * kOdd;
		hash ^= hash >> 29;
	};
	std::uint64_t word = bytes.size();
	take(word);
	for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
		std::memcpy(&word, bytes.data(), sizeof word);
		take(word);
	}
	word = 0;
	std::memcpy(&word, bytes.data(), bytes.size());
	take(word);
	return hash;
}

} // namespace

std::uint64_t event_number(std::uint64_t key, std::string_view name, std::string_view properties)
{
	return std::max<std::uint64_t>(1, mix_in(mix_in(key, name), properties));
}

} // namespace vero
