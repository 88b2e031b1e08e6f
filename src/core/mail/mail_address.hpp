// Who mail comes from and goes to: reads a mailbox as people write it, and writes it into a header, its domain in ASCII.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vero {

/// An address that mail can be sent to or from, perhaps with a name. There is no way to make one whose address could break an
/// SMTP command or a header: it is what is_email() accepts, so it has no controls, white space, quotes or angle brackets.
class Mailbox {
public:
	/// Nothing where the address is none, or has a domain without an ASCII form. Any bytes may be the name: they are read as by
	/// to_header_text(), and clipped after 200 characters.
	static std::optional<Mailbox> make(std::string_view display_name, std::string_view address);

	/// Empty, or UTF-8 without controls.
	std::string const &display_name() const { return display_name_; }
	/// The address for SMTP and headers: the local part as written, the domain in ASCII (to_ascii_domain).
	std::string const &address() const { return address_; }
	/// True where only a server with SMTPUTF8 (RFC 6531) can take it: the local part is not ASCII.
	bool needs_smtputf8() const;

private:
	Mailbox(std::string display_name, std::string address);

	std::string display_name_;
	std::string address_;
};

/// Of its address: in ASCII.
std::string domain_of(Mailbox const &mailbox);

/// `a@b.example`, `Name <a@b.example>` or `"Name, Inc." <a@b.example>` (RFC 5322, section 3.4, without comments, routes and
/// groups; a name needs no quotes for dots, "@" and letters beyond ASCII). Nothing for everything else: a list, say, or text
/// with a control character.
std::optional<Mailbox> parse_mailbox(std::string_view text);

/// What is wrong with the address in a `text` that is no mailbox, in a sentence; "" where it is something else, or the address does not stand apart.
std::string describe_mailbox_fault(std::string_view text);
/// The same with its name in quotes, where that is all that it lacks: `"Shop (Sales)" <shop@example.com>`.
std::optional<std::string> find_quoted_mailbox(std::string_view text);

/// The mailbox as the pieces of a header (see append_header), the name quoted or as encoded words. ASCII, unless it needs
/// SMTPUTF8: then the address is UTF-8 (RFC 6532).
std::vector<std::string> to_header_pieces(Mailbox const &mailbox);

/// The domain with every label that is not ASCII as an A-label ("xn--..."): IDNA 2008 with UTS #46's mapping (RFC 5891), so
/// that letter case and composed letters do not matter. An all-ASCII domain comes back as it is. Nothing where no such domain
/// can be registered. `domain` holds no NUL. Throws std::bad_alloc.
std::optional<std::string> to_ascii_domain(std::string_view domain);

} // namespace vero
