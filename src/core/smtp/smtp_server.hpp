// The SMTP server that mail is handed to: where it is and how it is spoken to.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace vero {

/// How the connection to the SMTP server is protected, as libpq's sslmode has it.
enum class SmtpTls : int { disable, prefer, require, verify_full };

struct SmtpServer {
	std::string url;  ///< smtp:// or smtps://; a path is the name for EHLO
	std::string user; ///< "": no AUTH, unless password_file names one
	std::string password;
	std::string password_file; ///< read for each connection, instead of `password`; "": none
	std::string ca_file;	   ///< "": the system's certificates
	SmtpTls tls = SmtpTls::verify_full;
	std::chrono::seconds timeout{60}; ///< for one message, from its start; for opening a connection too
	std::size_t connections = 4;

	bool operator==(SmtpServer const &) const = default;
};

} // namespace vero
