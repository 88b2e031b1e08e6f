// Properties of contacts that are met again and again.
#include "pg/forecast/properties_cache.hpp"

#include <cstring>

namespace vero::pg {
namespace {

constexpr std::size_t kOverhead = 48; // bytes of an entry of the map, roughly

} // namespace

PropertiesCache::PropertiesCache()
{
	known_.emplace(&memory_);
}

Jsonb *PropertiesCache::keep(std::int64_t contact_id, Jsonb const *properties)
{
	std::size_t const size = VARSIZE(properties);
	auto *copy = static_cast<Jsonb *>(memory_.allocate(size, alignof(std::int64_t)));
	memcpy(copy, properties, size);
	known_->emplace(contact_id, copy);
	bytes_ += size + kOverhead;
	return copy;
}

void PropertiesCache::forget_if_full()
{
	if (bytes_ <= most_)
		return;
	known_.reset();
	memory_.release();
	known_.emplace(&memory_);
	bytes_ = 0;
}

} // namespace vero::pg
