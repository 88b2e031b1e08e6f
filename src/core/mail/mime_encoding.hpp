// Makes any bytes fit for mail: canonical line ends, quoted-printable, base64.
#pragma once

#include <string>
#include <string_view>

namespace vero {

/// Text as mail has it: LF, CR and CRLF become CRLF, and the last line ends in one too. Empty text stays empty.
std::string to_mail_lines(std::string_view text);

enum class TransferEncoding : unsigned char { quoted_printable, base64 };

/// The name that Content-Transfer-Encoding has for it.
std::string_view name_of(TransferEncoding encoding);

/// The one that takes fewer bytes for the text, about. ASCII is never base64: filters take that for something to hide.
TransferEncoding choose_encoding(std::string_view text);

/// Appends `lines`, the result of to_mail_lines(), in quoted-printable (RFC 2045, section 6.7): ASCII lines of at most 76
/// bytes, each ended by CRLF. No line begins with "." or "From ", and none holds "=_".
void append_quoted_printable(std::string &out, std::string_view lines);

/// Appends base64 (RFC 4648) in one piece, padded.
void append_base64(std::string &out, std::string_view bytes);

/// Appends base64 in lines of at most 76 bytes, each ended by CRLF (RFC 2045, section 6.8).
void append_base64_lines(std::string &out, std::string_view bytes);

} // namespace vero
