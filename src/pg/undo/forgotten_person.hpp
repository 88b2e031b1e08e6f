// What is stored of a contact, but for texts that name him.
#pragma once

#include "pg/sql/catalog.hpp"

namespace vero::pg {

struct ForgottenCounts {
	std::int64_t contacts = 0, events = 0, jobs = 0, messages = 0, rejects = 0, confirmations = 0;
};

/// Removes the contact with his events, jobs and mail, and his address from forecasts, as the owner. To be called in call().
void remove_person(Catalog const &catalog, std::string const &email, ForgottenCounts &counts);

} // namespace vero::pg
