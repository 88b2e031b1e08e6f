// What an SMTP server says that it can do.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vero {

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
