// One connection to the SMTP server: libcurl opens it (TLS, certificates, AUTH), then it carries message after message.
#include "pg/sending/smtp_connection.hpp"

#include "core/mail/mail_header.hpp"
#include "core/text/text.hpp"
#include "pg/sending/smtp_secret.hpp"

#include <cstring>
#include <fcntl.h>
#include <stdexcept>

namespace vero::pg {
namespace {

/// Programs that the server starts (COPY ... PROGRAM) are not to inherit it.
int close_on_exec(void *, curl_socket_t socket, curlsocktype)
{
	(void)fcntl(socket, F_SETFD, FD_CLOEXEC);
	return CURL_SOCKOPT_OK;
}

std::size_t discard(char *, std::size_t size, std::size_t count, void *)
{
	return size * count;
}

/// The code of a reply's line, 0: none.
int code_of(char const *line)
{
	return line[0] >= '2' && line[0] <= '5' ? (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0') : 0;
}

std::string as_words(std::string_view bytes)
{
	return clip(to_header_text(bytes), 500);
}

} // namespace

SmtpConnection::SmtpConnection(CURLM *multi, SmtpServer const &server)
	: multi_(multi), handle_(curl_easy_init()), timeout_(server.timeout)
{
	if (handle_ == nullptr)
		throw std::bad_alloc();
	configure(server);
	if (problem_.empty() && curl_multi_add_handle(multi_, handle_) != CURLM_OK) {
		curl_easy_cleanup(handle_);
		throw std::runtime_error("could not begin a connection to the SMTP server");
	}
}

SmtpConnection::~SmtpConnection()
{
	curl_multi_remove_handle(multi_, handle_);
	curl_easy_cleanup(handle_);
}

void SmtpConnection::configure(SmtpServer const &server)
{
	auto timeout_ms = static_cast<long>(std::chrono::milliseconds(server.timeout).count());
	curl_easy_setopt(handle_, CURLOPT_URL, server.url.c_str());
	curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	// Its own SMTP waits for the reply to the final dot within the call that sends it: it only opens the connection.
	curl_easy_setopt(handle_, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle_, CURLOPT_QUICK_EXIT, 1L); // no wait for a name look-up that hangs
	curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
	curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(handle_, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(handle_, CURLOPT_PROXY, ""); // none from the environment
	curl_easy_setopt(handle_, CURLOPT_SOCKOPTFUNCTION, close_on_exec);
	curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, note_reply_line);
	curl_easy_setopt(handle_, CURLOPT_HEADERDATA, this);
	curl_easy_setopt(handle_, CURLOPT_ERRORBUFFER, error_.data());
	curl_easy_setopt(handle_, CURLOPT_PRIVATE, this);
	configure_auth(server);
	configure_tls(server);
}

void SmtpConnection::configure_auth(SmtpServer const &server)
{
	SmtpSecret secret{"", server.password};
	if (!server.password_file.empty()) {
		Result<SmtpSecret> read = read_smtp_secret(server.password_file);
		if (read) {
			secret = *std::move(read);
		} else {
			problem_ = "could not read the password from file \"" + server.password_file + "\": " + read.error();
		}
	}
	std::string const &user = secret.user.empty() ? server.user : secret.user;
	if (problem_.empty() && user.empty() && !secret.password.empty())
		problem_ = "there is a password, but vero_events.smtp_user does not say whose";
	wants_auth_ = !user.empty();
	if (!wants_auth_)
		return;
	curl_easy_setopt(handle_, CURLOPT_USERNAME, user.c_str());
	curl_easy_setopt(handle_, CURLOPT_PASSWORD, secret.password.c_str());
}

void SmtpConnection::configure_tls(SmtpServer const &server)
{
	long wanted = server.tls == SmtpTls::disable  ? CURLUSESSL_NONE
				  : server.tls == SmtpTls::prefer ? CURLUSESSL_TRY
												  : CURLUSESSL_ALL;
	bool is_verified = server.tls == SmtpTls::verify_full;
	curl_easy_setopt(handle_, CURLOPT_USE_SSL, wanted);
	curl_easy_setopt(handle_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
	curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYPEER, is_verified ? 1L : 0L);
	curl_easy_setopt(handle_, CURLOPT_SSL_VERIFYHOST, is_verified ? 2L : 0L);
	if (!server.ca_file.empty())
		curl_easy_setopt(handle_, CURLOPT_CAINFO, server.ca_file.c_str());
}

/// Called by libcurl, which no exception may pass: it allocates nothing.
std::size_t SmtpConnection::note_reply_line(char *line, std::size_t size, std::size_t count, void *self)
{
	auto *connection = static_cast<SmtpConnection *>(self);
	std::string_view text(line, size * count);
	while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
		text.remove_suffix(1);
	std::size_t length = std::min(text.size(), connection->last_line_.size() - 1);
	std::memcpy(connection->last_line_.data(), text.data(), length);
	connection->last_line_[length] = '\0';
	connection->abilities_.note_line(text);
	return size * count;
}

void SmtpConnection::start(Attempt attempt, Time now)
{
	attempt_ = std::move(attempt);
	deadline_ = now + timeout_;
	if (!problem_.empty())
		return lose(problem_);
	if (is_open())
		begin_transaction();
}

std::optional<SmtpConnection::Time> SmtpConnection::deadline() const
{
	return attempt_ ? std::optional(deadline_) : std::nullopt;
}

void SmtpConnection::note_opened(CURLcode result)
{
	bool is_refused = code_of(last_line_.data()) >= 400;
	if (wants_auth_ && ((result == CURLE_OK && !abilities_.has_auth) || (result == CURLE_LOGIN_DENIED && !is_refused)))
		return lose("the server offers no known way to authenticate (AUTH)");
	if (result == CURLE_OK &&
		(curl_easy_getinfo(handle_, CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK || socket_ == CURL_SOCKET_BAD))
		return lose("the connection was closed at once");
	if (result != CURLE_OK) {
		std::string why = error_[0] != '\0' ? error_.data() : curl_easy_strerror(result);
		return lose(is_refused ? std::string(last_line_.data()) + " (" + why + ")" : why);
	}
	if (attempt_)
		begin_transaction();
}

void SmtpConnection::postpone()
{
	postponed_ = std::exchange(attempt_, std::nullopt);
}

void SmtpConnection::begin_transaction()
{
	if (is_too_late())
		return postpone();
	transaction_.emplace(std::move(attempt_->mail), abilities_, next_begin_);
	if (transaction_->is_over())
		return end_transaction();
	send_pending();
}

void SmtpConnection::send_pending()
{
	while (transaction_) {
		std::string_view bytes = transaction_->to_send();
		if (bytes.empty())
			return;
		std::size_t sent = 0;
		CURLcode result = curl_easy_send(handle_, bytes.data(), bytes.size(), &sent);
		if (result == CURLE_AGAIN)
			return;
		if (result != CURLE_OK)
			return lose(error_[0] != '\0' ? error_.data() : "the connection was lost");
		transaction_->note_sent(sent);
	}
}

void SmtpConnection::note_reply(SmtpReply const &reply)
{
	if (!transaction_->has_begun() && reply.is_positive() && is_too_late()) {
		attempt_->mail = transaction_->take_mail();
		transaction_.reset();
		next_begin_ = SmtpTransaction::Begin::clean;
		return postpone();
	}
	transaction_->note_reply(reply);
	if (transaction_->is_over())
		end_transaction();
}

/// True while there may be more to read at once.
bool SmtpConnection::receive()
{
	std::array<char, 4096> bytes;
	std::size_t count = 0;
	CURLcode result = curl_easy_recv(handle_, bytes.data(), bytes.size(), &count);
	if (result == CURLE_AGAIN)
		return false;
	if (result != CURLE_OK || count == 0) {
		lose(result == CURLE_OK ? "the server closed the connection" : "the connection was lost");
		return false;
	}
	if (!transaction_) {
		lose("the server closes the connection"); // what it says without being asked
		return false;
	}
	replies_.feed({bytes.data(), count});
	while (transaction_) {
		std::optional<SmtpReply> reply = replies_.take();
		if (!reply)
			break;
		note_reply(*reply);
	}
	if (replies_.is_broken())
		lose("the server does not speak SMTP");
	return !is_closed_;
}

void SmtpConnection::advance()
{
	if (!is_open() || is_closed_)
		return;
	while (receive())
		send_pending();
	send_pending();
}

void SmtpConnection::give_up(char const *why)
{
	lose(why);
}

void SmtpConnection::lose(std::string const &why)
{
	is_closed_ = true;
	if (transaction_) {
		transaction_->note_lost(as_words(why));
		end_transaction();
	} else if (attempt_) {
		attempt_->verdict.words = as_words(why);
		finished_ = std::exchange(attempt_, std::nullopt);
	}
}

void SmtpConnection::end_transaction()
{
	is_closed_ |= !transaction_->is_connection_usable();
	next_begin_ = transaction_->left_as();
	if (was_used_ && is_closed_ && transaction_->is_untouched()) {
		attempt_->mail = transaction_->take_mail();
		untouched_ = std::exchange(attempt_, std::nullopt);
	} else {
		attempt_->verdict = transaction_->verdict();
		finished_ = std::exchange(attempt_, std::nullopt);
	}
	was_used_ = true;
	transaction_.reset();
}

void SmtpConnection::quit()
{
	std::size_t sent = 0;
	if (is_open() && !is_closed_ && !transaction_)
		(void)curl_easy_send(handle_, "QUIT\r\n", 6, &sent);
}

std::optional<Attempt> SmtpConnection::take_finished()
{
	return std::exchange(finished_, std::nullopt);
}

std::optional<Attempt> SmtpConnection::take_untouched()
{
	return std::exchange(untouched_, std::nullopt);
}

std::optional<Attempt> SmtpConnection::take_postponed()
{
	return std::exchange(postponed_, std::nullopt);
}

} // namespace vero::pg
