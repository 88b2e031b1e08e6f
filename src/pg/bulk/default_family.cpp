// Which family of operators an index uses where nothing else is said.
#include "pg/bulk/default_family.hpp"

extern "C" {
#include "commands/defrem.h"
#include "utils/lsyscache.h"
}

namespace vero::pg {
namespace {

struct KnownFamily {
	Oid type, access_method, family;
};

std::array<KnownFamily, 8> known_families; ///< those without a type are not in use

} // namespace

Oid default_family(Oid type, Oid access_method)
{
	for (KnownFamily &known : known_families) {
		if (known.type == type && known.access_method == access_method)
			return known.family;
		if (!OidIsValid(known.type)) {
			known = {type, access_method, get_opclass_family(GetDefaultOpClass(type, access_method))};
			return known.family;
		}
	}
	return get_opclass_family(GetDefaultOpClass(type, access_method));
}

} // namespace vero::pg
