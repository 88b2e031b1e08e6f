// Every setting of the extension, as it stands for this session.
#pragma once

#include "core/smtp/smtp_server.hpp"

#include <optional>
#include <string_view>

namespace vero::pg {

/// Bytes that max_record_size may be at most. With it an import keeps to the memory that docs/files.md promises: test/tap/007_memory.pl
/// tries the worst records.
constexpr int kLargestRecord = 4 * 1024 * 1024;

// Only PostgreSQL writes what these read.

int max_record_size(); ///< bytes
std::string_view
notify_email(); ///< who hears of an import that names nobody itself: addresses, separated by commas; "": nobody

std::string_view mail_from();			///< a mailbox; "": nothing is sent
std::string_view smtp_url();			///< smtp:// or smtps://; "": nothing is sent
std::string_view unsubscribe_address(); ///< "": none
int max_delivery_attempts();
int keep_messages_min(); ///< minutes; -1: for ever
int keep_rejects_min();	 ///< the same
int max_workers();
int condition_timeout_ms();
std::optional<std::int64_t> max_jobs_per_import(); ///< none: as many as there are

/// The SMTP server as it is set now; nothing where none is. Its user and password are those of the settings only where the library is
/// preloaded: PostgreSQL shows settings that it does not know to everybody, and logs them.
std::optional<SmtpServer> smtp_server();

/// True where user or password are set, but are not taken.
bool has_ignored_secrets();

void define_settings();

} // namespace vero::pg
