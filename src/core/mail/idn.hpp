// Writes an internationalised domain name in the ASCII that DNS and SMTP speak.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// The domain with every label that is not ASCII as an A-label ("xn--..."): IDNA 2008 with UTS #46's mapping (RFC 5891), so
/// that letter case and composed letters do not matter. An all-ASCII domain comes back as it is. Nothing where no such domain
/// can be registered. `domain` holds no NUL. Throws std::bad_alloc.
std::optional<std::string> to_ascii_domain(std::string_view domain);

} // namespace vero
