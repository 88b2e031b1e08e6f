// Properties of contacts that are met again and again.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/jsonb.h"
}

#include <memory_resource>
#include <unordered_map>

namespace vero::pg {

/// By the contacts' ids, in 8 MB unless told otherwise. Where they are too many, all are forgotten.
class PropertiesCache {
public:
	PropertiesCache();

	/// About so many bytes may be kept.
	void limit(std::size_t most) { most_ = most; }
	/// Null where they are not known.
	Jsonb *find(std::int64_t contact_id) const
	{
		auto const found = known_->find(contact_id);
		return found == known_->end() ? nullptr : found->second;
	}
	/// Keeps a copy, uncompressed, and gives it. To be called where they are not known.
	Jsonb *keep(std::int64_t contact_id, Jsonb const *properties);
	/// Forgets all where they are too many: what find() and keep() gave is gone then.
	void forget_if_full();

private:
	using Known = std::pmr::unordered_map<std::int64_t, Jsonb *>;

	std::size_t most_ = std::size_t{8} << 20;
	std::size_t bytes_ = 0;
	std::pmr::monotonic_buffer_resource memory_;
	std::optional<Known> known_;
};

} // namespace vero::pg
