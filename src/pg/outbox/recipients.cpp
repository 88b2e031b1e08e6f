// Addresses that somebody names for a mail: what every way to do so has in common.
#include "pg/outbox/recipients.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"

extern "C" {
#include "miscadmin.h"
#include "utils/acl.h"
}

namespace vero::pg {

std::vector<std::string> split_addresses(std::string_view list)
{
	std::vector<std::string> addresses;
	while (!list.empty()) {
		std::size_t comma = list.find(',');
		addresses.emplace_back(trim(list.substr(0, comma)));
		list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
	}
	return addresses;
}

bool may_name_recipients(Catalog const &catalog)
{
	return call([&] { return pg_class_aclcheck(catalog.messages, GetUserId(), ACL_INSERT) == ACLCHECK_OK; });
}

} // namespace vero::pg
