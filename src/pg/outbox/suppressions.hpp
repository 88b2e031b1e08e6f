// Addresses of people who were forgotten: known by hashes, so that they get no mail again.
//
// The hashes' key is a file in the data directory, and in no dump: who has the table alone cannot tell whether an address is in it.
#pragma once

#include "pg/sql/catalog.hpp"

#include <string>
#include <vector>

namespace vero::pg {

/// Adds the normal form of an address to vero.suppressions, where it is not there, and makes the key where there is none. Waits for those who have called
/// keep_suppressions(). Needs an SpiConnection. Throws Error, Report.
void suppress_address(Catalog const &catalog, std::string const &email);

/// Until the transaction ends nobody is forgotten by others. Waits for those who are just forgetting somebody. To be called in call().
void keep_suppressions(Catalog const &catalog);

/// Of these addresses, in their normal form, the places of those that are suppressed. Needs an SpiConnection. Throws Error; Report (58P01) where the table
/// has hashes that were made with another key, so that nobody can tell.
std::vector<std::size_t> find_suppressed(Catalog const &catalog, std::vector<std::string_view> const &emails);

} // namespace vero::pg
