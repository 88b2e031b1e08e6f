// Random names that nothing else has.
#pragma once

#include <string>

namespace vero::pg {

/// A version 4 UUID (RFC 4122) as text. Throws Report where there is no randomness to be had.
std::string make_uuid();

} // namespace vero::pg
