// The SMTP server that mail is handed to: where it is and how it is spoken to, and what it says that it can do.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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

/// What is known from the reply to EHLO.
struct SmtpAbilities {
	bool has_pipelining = false; ///< RFC 2920: commands may be sent before their replies are in
	bool has_smtputf8 = false;	 ///< RFC 6531
	bool has_auth = false;
	std::optional<std::uint64_t> max_size; ///< RFC 1870: bytes of a message; 0: no limit is known; none: no SIZE either

	/// Learns from a line of the server's, from its greeting on, with or without its line end. What was said before the greeting of
	/// STARTTLS does not count: anybody may have said it. Allocates nothing.
	void note_line(std::string_view line) noexcept;

	bool operator==(SmtpAbilities const &) const = default;
};

} // namespace vero
