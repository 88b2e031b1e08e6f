// Builds what a message holds behind its own headers: bodies and attachment, in as many parts as it takes (MIME).
#pragma once

#include "core/mail/mail_message.hpp"

namespace vero {

/// Appends the headers that describe the content (Content-Type and so on), an empty line, and the content.
void append_mail_content(std::string &out, MailMessage const &message);

} // namespace vero
