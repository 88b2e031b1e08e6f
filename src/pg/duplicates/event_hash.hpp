// A number for what an event is beside its contact and its time, by which equal events are told from others.
#pragma once

#include "core/intake/siphash.hpp"
#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/jsonb.h"
}

namespace vero::pg {

/// The same for events whose names are equal to the byte and whose properties are equal as jsonb's `=` has it: 1.0 is 1. Other events have another
/// one: by chance two have the same in one of 10^19 pairs, and nobody can aim at it, as the key is drawn at random. Numbers of two objects of
/// this class have nothing in common.
class EventHash {
public:
	/// Throws Report where there is no randomness to be had.
	EventHash();

	/// To be called in call(). What it allocates is the caller's to free.
	std::uint64_t of(std::string_view name, Jsonb *properties) const;

private:
	HashKey key_;
};

} // namespace vero::pg
