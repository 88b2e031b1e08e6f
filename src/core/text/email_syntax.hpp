// What counts as an e-mail address, and its normal form.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// `local@domain` by RFC 5321: the local part a dot-string of 1 to 64 bytes, the domain two or more LDH labels of 1 to 63
/// bytes with no hyphen at either end and the last one not all digits, 254 bytes in all. Letters beyond ASCII are allowed
/// in both (RFC 6531), but none of what is_letter_beyond_ascii() is false for. No quoted local parts, comments or literals, and
/// nothing that looks like an encoded word ("=?").
/// Not trimmed, not UTF-8: no address.
bool is_email(std::string_view address);

/// Appends the form by which a contact is known: lower case, letter by letter, in Normalization Form C, so that addresses that look
/// alike are one. False, and nothing appended, for what is no address, or would be longer than one may be. The normal form of a
/// normal form is itself.
bool append_normal_email(std::string &out, std::string_view address);

/// What is wrong with an `address` that has no normal form, in a sentence.
std::string describe_email_fault(std::string_view address);

/// What people write where they have no address: blank, null, none, nil, undefined, n/a, 0, in any case.
bool is_email_placeholder(std::string_view address);

} // namespace vero
