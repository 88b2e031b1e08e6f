// What counts as an e-mail address, and its normal form.
#pragma once

#include <string_view>

namespace vero {

/// `local@domain` by RFC 5321: the local part a dot-string of 1 to 64 bytes, the domain two or more LDH labels of 1 to 63
/// bytes with no hyphen at either end and the last one not all digits, 254 bytes in all. Letters beyond ASCII are allowed
/// in both (RFC 6531), but no controls, spaces, punctuation or symbols of theirs. No quoted local parts, comments or
/// literals. `address` is trimmed, well-formed UTF-8 without NUL.
bool is_email(std::string_view address);

/// What people write where they have no address: blank, null, none, nil, undefined, n/a, 0, in any case.
bool is_email_placeholder(std::string_view address);

} // namespace vero
