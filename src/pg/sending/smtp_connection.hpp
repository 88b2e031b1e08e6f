// One connection to the SMTP server: libcurl opens it (TLS, certificates, AUTH), then it carries message after message.
#pragma once

#include "core/smtp/smtp_server.hpp"
#include "core/smtp/smtp_transaction.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <curl/curl.h>
#include <optional>
#include <string>

namespace vero::pg {

/// One attempt to send a message of the outbox.
struct Attempt {
	std::int64_t message_id;
	SmtpMail mail;									   ///< gone once the attempt has ended
	std::chrono::steady_clock::time_point begin_until; ///< it is not begun later
	SmtpVerdict verdict = {};						   ///< how it ended
};

/// No call blocks but for name look-ups that libcurl has a thread for, and none of PostgreSQL's is made. Owned by Mailer, which tells
/// it what happens on its socket.
class SmtpConnection {
public:
	using Time = std::chrono::steady_clock::time_point;

	/// Adds itself to `multi`. Throws std::runtime_error.
	SmtpConnection(CURLM *multi, SmtpServer const &server);
	SmtpConnection(SmtpConnection const &) = delete;
	SmtpConnection &operator=(SmtpConnection const &) = delete;
	~SmtpConnection();

	/// Free for a message: it may be open or still to be opened.
	bool is_free() const { return !attempt_ && !is_closed_; }
	bool is_closed() const { return is_closed_; }
	bool is_open() const { return socket_ != CURL_SOCKET_BAD; }
	bool is_handing_over() const { return transaction_.has_value(); }
	/// What it has in hand may have been taken by the server.
	bool is_in_doubt() const { return transaction_ && transaction_->is_in_doubt(); }
	bool is_handle(CURL *handle) const { return handle == handle_; }

	/// The socket, once it is open, and which way it is waited for.
	curl_socket_t socket() const { return socket_; }
	bool wants_to_send() const { return transaction_ && !transaction_->to_send().empty(); }

	void start(Attempt attempt, Time now);
	/// When what it has in hand has taken too long.
	std::optional<Time> deadline() const;

	/// libcurl has opened the connection, or has not.
	void note_opened(CURLcode result);
	/// The socket can be read or written.
	void advance();
	/// The deadline has passed, or it has to end.
	void give_up(char const *why);
	/// Says good-bye, if it is open and idle.
	void quit();

	/// The attempt that has ended on it, with its verdict.
	std::optional<Attempt> take_finished();
	/// An attempt whose connection had been closed before it began: for another connection.
	std::optional<Attempt> take_untouched();
	/// An attempt that was not begun in time.
	std::optional<Attempt> take_postponed();

private:
	void configure(SmtpServer const &server);
	void configure_auth(SmtpServer const &server);
	void configure_tls(SmtpServer const &server);
	void begin_transaction();
	bool is_too_late() const { return std::chrono::steady_clock::now() > attempt_->begin_until; }
	void postpone();
	void send_pending();
	bool receive();
	void note_reply(SmtpReply const &reply);
	void lose(std::string const &why);
	void end_transaction();

	static std::size_t note_reply_line(char *line, std::size_t size, std::size_t count, void *self);

	CURLM *multi_;
	CURL *handle_;
	std::chrono::seconds timeout_;
	std::array<char, CURL_ERROR_SIZE> error_{};
	std::array<char, 256> last_line_{}; ///< of the server's replies while the connection is opened
	SmtpAbilities abilities_;
	bool wants_auth_ = false;
	std::string problem_; ///< not empty: why it cannot be opened
	bool was_used_ = false;
	bool is_closed_ = false;
	curl_socket_t socket_ = CURL_SOCKET_BAD;
	SmtpReplyReader replies_;
	SmtpTransaction::Begin next_begin_ = SmtpTransaction::Begin::clean;
	std::optional<Attempt> attempt_; ///< in hand; its mail is in the transaction while there is one
	std::optional<SmtpTransaction> transaction_;
	Time deadline_{};
	std::optional<Attempt> finished_;
	std::optional<Attempt> untouched_;
	std::optional<Attempt> postponed_;
};

} // namespace vero::pg
