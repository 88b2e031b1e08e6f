// Random names that nothing else has, and random keys.
#pragma once

#include "core/intake/siphash.hpp"
#include "pg/base/postgres.hpp"

#include <string>

namespace vero::pg {

/// A version 4 UUID (RFC 4122) as text. Throws Report where there is no randomness to be had.
std::string make_uuid();

/// A key for hashes that nobody can predict. Throws Report likewise.
HashKey random_hash_key();

/// A UUID as SQL has it. To be called in call().
Datum uuid_datum(std::string const &uuid);

} // namespace vero::pg
