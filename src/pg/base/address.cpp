// Addresses of people, as callers give them.
#include "pg/base/address.hpp"

#include "core/text/email_syntax.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"

namespace vero::pg {

std::optional<std::string> normal_email(std::string_view address)
{
	std::string normal;
	if (!append_normal_email(normal, trim_unseen(address)))
		return std::nullopt;
	return normal;
}

std::string require_normal_email(std::string_view address, int sqlstate)
{
	std::optional<std::string> normal = normal_email(address);
	if (!normal) {
		throw Report{sqlstate, quote_clipped(address) + " is not an email address",
					 describe_email_fault(trim_unseen(address)), ""};
	}
	return std::move(*normal);
}

} // namespace vero::pg
