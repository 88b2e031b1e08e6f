// The name and password for the SMTP server's AUTH, out of a file.
#pragma once

#include "core/text/result.hpp"

#include <string>

namespace vero::pg {

struct SmtpSecret {
	std::string user; ///< "": the file does not say
	std::string password;
};

/// Reads a file that nobody but its owner may read: the server's user, or root. It has one line, the password, or two, user and password.
/// Else says why not, in words. Makes no call of PostgreSQL's.
Result<SmtpSecret> read_smtp_secret(std::string const &path);

} // namespace vero::pg
