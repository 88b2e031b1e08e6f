// A campaign that somebody calls by its name.
#pragma once

#include "pg/sql/catalog.hpp"

#include <cstdint>
#include <string>

namespace vero::pg {

struct NamedCampaign {
	std::int64_t id;
	std::string event_name;
};

/// Needs an SpiConnection. Throws Report (42704) where there is none of that name, Error.
NamedCampaign find_campaign(Catalog const &catalog, std::string const &name);

} // namespace vero::pg
