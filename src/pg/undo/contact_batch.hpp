// Contacts that are removed together.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "storage/itemptr.h"
}

namespace vero::pg {

constexpr int kContactsAtOnce = 10'000;

/// Contacts, in the order of their ids, and where their rows are.
struct Batch {
	std::array<std::int64_t, kContactsAtOnce> ids;
	std::array<ItemPointerData, kContactsAtOnce> places;
	std::array<bool, kContactsAtOnce> is_marked;
	std::size_t count;

	std::span<std::int64_t const> all() const { return {ids.data(), count}; }
	std::span<bool> marks() { return {is_marked.data(), count}; }

	/// Those that are not marked, or those that are: all that stay are not marked then.
	void retain(bool marked)
	{
		std::size_t retained = 0;
		for (std::size_t i = 0; i < count; i++) {
			if (is_marked[i] != marked)
				continue;
			ids[retained] = ids[i];
			places[retained++] = places[i];
		}
		count = retained;
		std::fill_n(is_marked.begin(), count, false);
	}
};

} // namespace vero::pg
