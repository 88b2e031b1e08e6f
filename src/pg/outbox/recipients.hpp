// Addresses that somebody names for a mail: what every way to do so has in common.
#pragma once

#include "pg/sql/catalog.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vero::pg {

/// So many at most get one mail.
constexpr std::size_t kMaxRecipients = 20;

/// The pieces between commas, without blanks round them; of an empty text none.
std::vector<std::string> split_addresses(std::string_view list);

/// Whether the caller may have mail go to whomever he names: by INSERT on vero.messages. Throws Error.
bool may_name_recipients(Catalog const &catalog);

} // namespace vero::pg
