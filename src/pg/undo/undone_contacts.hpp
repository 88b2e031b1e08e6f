// Removes the contacts that an import created and that nothing else has touched.
#pragma once

#include "pg/sql/catalog.hpp"

namespace vero::pg {

struct ContactCounts {
	std::int64_t removed = 0;
	std::int64_t kept = 0;
};

/// Of those that the import created: who has no event any more, no mail that was sent or is on its way, no properties, and has not
/// unsubscribed. Who is just being used by another transaction is kept, and not waited for. To be called with an SpiConnection, in a
/// transaction at READ COMMITTED. Throws Error.
void remove_contacts(Catalog const &catalog, std::int64_t import, ContactCounts &counts);

} // namespace vero::pg
