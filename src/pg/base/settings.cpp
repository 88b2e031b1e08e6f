// Every setting of the extension, as it stands for this session.
#include "pg/base/settings.hpp"

#include "core/mail/mail_address.hpp"
#include "core/text/text.hpp"
#include "pg/base/compat.hpp"

#include <climits>

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {

namespace {

/// PostgreSQL writes them.
struct Variables {
	int max_record_size = 1024 * 1024;
	char *notify_email;
	char *mail_from;
	char *unsubscribe_address;
	char *smtp_url;
	char *smtp_user;
	char *smtp_password_file;
	char *smtp_ca_file;
	int smtp_tls = static_cast<int>(SmtpTls::verify_full);
	int smtp_timeout_s = 60;
	int smtp_connections = 4;
	int max_delivery_attempts = 12;
	int keep_messages_min = -1;
	int keep_rejects_min = -1;
	int max_workers = 4;
	int condition_timeout_ms = 1000;
	int max_jobs_per_import = -1;
};

constinit Variables set{};

config_enum_entry const kTlsModes[] = {{"disable", static_cast<int>(SmtpTls::disable), false},
									   {"prefer", static_cast<int>(SmtpTls::prefer), false},
									   {"require", static_cast<int>(SmtpTls::require), false},
									   {"verify-full", static_cast<int>(SmtpTls::verify_full), false},
									   {nullptr, 0, false}};

/// What check hooks ask of a text: they are called by PostgreSQL, which no exception may pass.
template <class Test> bool check(char const *value, char const *detail, Test &&is_good) noexcept
{
	try {
		if (is_good(std::string_view(value)))
			return true;
		GUC_check_errdetail("%s", detail);
	} catch (...) {
		GUC_check_errdetail("There is not enough memory to check it.");
	}
	return false;
}

bool check_mailbox(char **value, void **, GucSource)
{
	char detail[512] = ""; // more than any fault takes; it outlives the texts that it is made of
	return check(*value, detail, [&](std::string_view text) {
		if (text.empty() || parse_mailbox(text))
			return true;
		std::string const fault =
			find_quoted_mailbox(text)
				? R"(A name with such characters stands in quotes: "Shop, Inc." <shop@example.com>.)"
				: describe_mailbox_fault(text);
		snprintf(detail, sizeof detail, "It must be one address, like Shop <shop@example.com>.%s%s",
				 fault.empty() ? "" : " ", fault.c_str());
		return false;
	});
}

bool check_address(char **value, void **, GucSource)
{
	return check(*value, "It must be one address, like unsubscribe@example.com.", [](std::string_view text) {
		std::optional<Mailbox> mailbox = Mailbox::make("", text);
		return text.empty() || (mailbox && !mailbox->needs_smtputf8());
	});
}

bool are_addresses(std::string_view rest)
{
	while (!rest.empty()) {
		std::size_t comma = rest.find(',');
		if (!Mailbox::make("", trim(rest.substr(0, comma))))
			return false;
		rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
	}
	return true;
}

bool check_mailboxes(char **value, void **, GucSource)
{
	return check(*value, "It must be addresses, separated by commas.", are_addresses);
}

bool check_smtp_url(char **value, void **, GucSource)
{
	return check(*value,
				 "It must be like smtp://host:port or smtps://host:port; user and password are settings of their own.",
				 [](std::string_view url) {
					 bool has_scheme = url.starts_with("smtp://") || url.starts_with("smtps://");
					 return url.empty() || (has_scheme && url.find_first_of("@ \t\r\n") == std::string_view::npos);
				 });
}

char const *smtp_password; ///< no variable of PostgreSQL's: see its hooks
bool are_secrets_hidden = false;

/// The server logs values that change on reload, as the file has them. The variable therefore never changes, and the password is what
/// its assign hook is handed beside it.
constexpr char kShownPassword[] = "********";
char *shown_password;

bool check_password(char **value, void **extra, GucSource)
{
	char *shown = compat::copy_setting(kShownPassword);
	if (shown == nullptr)
		return false;
	*extra = *value;
	*value = shown;
	return true;
}

void assign_password(char const *, void *extra)
{
	smtp_password = static_cast<char const *>(extra);
}

void define_mail_settings()
{
	DefineCustomStringVariable("vero_events.notify_email", "Who is told how an import ended.",
							   "Addresses, separated by commas. The import option \"notify\" says otherwise.",
							   &set.notify_email, "", PGC_SUSET, 0, check_mailboxes, nullptr, nullptr);
	DefineCustomStringVariable("vero_events.mail_from", "Who mail comes from, where a campaign does not say.",
							   "An address, perhaps with a name: Shop <shop@example.com>.", &set.mail_from, "",
							   PGC_SIGHUP, 0, check_mailbox, nullptr, nullptr);
	DefineCustomStringVariable("vero_events.unsubscribe_address",
							   "Where mail programs send it when somebody unsubscribes from campaign mail.",
							   "An address, for the header List-Unsubscribe. Empty: no such header.",
							   &set.unsubscribe_address, "", PGC_SIGHUP, 0, check_address, nullptr, nullptr);
	DefineCustomStringVariable(
		"vero_events.smtp_url", "The SMTP server that mail is handed to.",
		"smtp://host:port or smtps://host:port. Empty: messages are stored, and nothing is sent.", &set.smtp_url, "",
		PGC_SIGHUP, 0, check_smtp_url, nullptr, nullptr);
	DefineCustomStringVariable("vero_events.smtp_user", "The name for the SMTP server's AUTH.", "Empty: no AUTH.",
							   &set.smtp_user, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, nullptr, nullptr, nullptr);
	DefineCustomStringVariable("vero_events.smtp_password", "The password for the SMTP server's AUTH.",
							   "It is never shown.", &shown_password, "", PGC_SIGHUP,
							   GUC_SUPERUSER_ONLY | GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE, check_password,
							   assign_password, nullptr);
	DefineCustomStringVariable("vero_events.smtp_password_file",
							   "The file with the password for the SMTP server's AUTH.",
							   "One line, the password, or two, user and password. Only its owner may read it.",
							   &set.smtp_password_file, "", PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
	DefineCustomStringVariable("vero_events.smtp_ca_file", "Certificates that the SMTP server's is checked with.",
							   "A file in PEM format. Empty: those of the system.", &set.smtp_ca_file, "", PGC_SIGHUP,
							   0, nullptr, nullptr, nullptr);
	DefineCustomEnumVariable(
		"vero_events.smtp_tls", "How the connection to the SMTP server is protected.",
		"disable, prefer (if it offers TLS), require (without a look at its certificate) or verify-full.",
		&set.smtp_tls, set.smtp_tls, kTlsModes, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("vero_events.smtp_timeout", "How long one message may take.",
							"Then it is tried again later.", &set.smtp_timeout_s, set.smtp_timeout_s, 1, 3600,
							PGC_SIGHUP, GUC_UNIT_S, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("vero_events.smtp_connections", "How many messages of a database are sent at a time.",
							nullptr, &set.smtp_connections, set.smtp_connections, 1, 64, PGC_SIGHUP, 0, nullptr,
							nullptr, nullptr);
	DefineCustomIntVariable("vero_events.max_delivery_attempts", "How often the delivery of a message is tried.",
							"Then it is failed.", &set.max_delivery_attempts, set.max_delivery_attempts, 1, 1000,
							PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("vero_events.keep_messages", "How long sent mail and decided jobs are kept.",
							"-1: for ever.", &set.keep_messages_min, set.keep_messages_min, -1, INT_MAX, PGC_SIGHUP,
							GUC_UNIT_MIN, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("vero_events.keep_rejects", "How long rejected records are kept.", "-1: for ever.",
							&set.keep_rejects_min, set.keep_rejects_min, -1, INT_MAX, PGC_SIGHUP, GUC_UNIT_MIN, nullptr,
							nullptr, nullptr);
}

/// What somebody who may not has set before the library was there to say so: PostgreSQL would refuse it now and take the default, and not what the
/// server's file or ALTER DATABASE says, which he would so be rid of.
void refuse_what_users_set()
{
	compat::each_setting([](config_generic const &setting) {
		bool is_set_by_user =
			setting.source >= PGC_S_CLIENT && (setting.scontext == PGC_BACKEND || setting.scontext == PGC_USERSET);
		if (strncmp(setting.name, "vero_events.", strlen("vero_events.")) == 0 && is_set_by_user) {
			ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
							errmsg("permission denied to set parameter \"%s\"", setting.name),
							errhint("Connect without it, or RESET it.")));
		}
	});
}

} // namespace

int max_record_size()
{
	return set.max_record_size;
}

int max_delivery_attempts()
{
	return set.max_delivery_attempts;
}

int keep_messages_min()
{
	return set.keep_messages_min;
}

int keep_rejects_min()
{
	return set.keep_rejects_min;
}

int max_workers()
{
	return set.max_workers;
}

int condition_timeout_ms()
{
	return set.condition_timeout_ms;
}

std::optional<std::int64_t> max_jobs_per_import()
{
	return set.max_jobs_per_import < 0 ? std::nullopt : std::optional<std::int64_t>(set.max_jobs_per_import);
}

std::string_view notify_email()
{
	return set.notify_email;
}

std::string_view mail_from()
{
	return set.mail_from;
}

std::string_view smtp_url()
{
	return set.smtp_url;
}

std::string_view unsubscribe_address()
{
	return set.unsubscribe_address;
}

std::optional<SmtpServer> smtp_server()
{
	if (*set.smtp_url == '\0')
		return std::nullopt;
	return SmtpServer{set.smtp_url,
					  are_secrets_hidden ? set.smtp_user : "",
					  are_secrets_hidden ? smtp_password : "",
					  set.smtp_password_file,
					  set.smtp_ca_file,
					  static_cast<SmtpTls>(set.smtp_tls),
					  std::chrono::seconds(set.smtp_timeout_s),
					  static_cast<std::size_t>(set.smtp_connections)};
}

bool has_ignored_secrets()
{
	return !are_secrets_hidden && (*set.smtp_user != '\0' || *smtp_password != '\0');
}

void define_settings()
{
	are_secrets_hidden = process_shared_preload_libraries_in_progress;
	refuse_what_users_set();
	DefineCustomIntVariable(
		"vero_events.max_record_size", "Longest record of a CSV file that is imported.",
		"A longer line is rejected, and a quote that is not closed within this size costs one line.",
		&set.max_record_size, set.max_record_size, 1024, kLargestRecord, PGC_SUSET, GUC_UNIT_BYTE, nullptr, nullptr,
		nullptr);
	DefineCustomIntVariable("vero_events.max_workers", "How many databases are served at a time.",
							"Each takes one of max_worker_processes while there is work in it.", &set.max_workers,
							set.max_workers, 0, 1024, PGC_SIGHUP, 0, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("vero_events.condition_timeout", "How long a campaign's condition may take for one job.",
							"Then the job is failed.", &set.condition_timeout_ms, set.condition_timeout_ms, 1,
							3600 * 1000, PGC_SUSET, GUC_UNIT_MS, nullptr, nullptr, nullptr);
	DefineCustomIntVariable("vero_events.max_jobs_per_import", "How many mails one import may schedule.",
							"One that would schedule more fails as a whole. -1: as many as it has.",
							&set.max_jobs_per_import, set.max_jobs_per_import, -1, INT_MAX, PGC_SUSET, 0, nullptr,
							nullptr, nullptr);
	define_mail_settings();
	MarkGUCPrefixReserved("vero_events");
}

} // namespace vero::pg
