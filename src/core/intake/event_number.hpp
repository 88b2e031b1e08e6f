// A number for what an event is beside its contact and its time, made where it is read.
#pragma once

#include <cstdint>
#include <string_view>

namespace vero {

/// Never 0. The same for equal bytes; by chance two others have the same in one of 10^19 pairs, but who knows the key can find such a pair. In a fraction
/// of the time of siphash().
std::uint64_t event_number(std::uint64_t key, std::string_view name, std::string_view properties);

} // namespace vero
