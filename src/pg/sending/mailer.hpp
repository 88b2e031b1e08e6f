// Sends messages over a few connections at a time, without ever waiting: what it waits for is in one descriptor.
#pragma once

#include "pg/sending/smtp_connection.hpp"

#include <memory>
#include <vector>

namespace vero::pg {

/// Makes no call of PostgreSQL's. Signals are blocked while it is in libcurl, whose threads for name look-ups inherit that.
class Mailer {
public:
	/// Throws std::runtime_error, std::system_error.
	explicit Mailer(SmtpServer server);
	Mailer(Mailer const &) = delete;
	Mailer &operator=(Mailer const &) = delete;
	/// Takes leave of the server, without waiting for it.
	~Mailer();

	SmtpServer const &server() const { return server_; }

	/// Readable when advance() has something to do; for poll, epoll or a WaitEventSet.
	int descriptor() const { return epoll_; }
	/// True while messages are on their way.
	bool is_busy() const { return active() > 0; }
	std::size_t active() const;
	/// How many messages can be started now.
	std::size_t room() const { return server_.connections - std::min(server_.connections, active()); }

	/// Begins to send it. There must be room. Opens a connection where none is free. Throws std::runtime_error.
	void start(Attempt attempt);
	/// Does what can be done now.
	void advance();
	/// Ends what waits for a connection (`relay_down`), or also what the server does not have all of, which cannot be doubled by that, or
	/// everything.
	enum class Pending : unsigned char { unopened, unsent, all };
	void give_up(Pending pending, char const *why);
	/// Those that have ended, each with its verdict.
	std::vector<Attempt> take_finished();
	/// Those that could not begin in time, as no connection was open.
	std::vector<Attempt> take_postponed();

private:
	using Time = SmtpConnection::Time;

	void advance_sockets();
	void note_opened();
	void collect();
	void watch(SmtpConnection const &connection);
	void set_timer();
	SmtpConnection *find(curl_socket_t socket);

	static int note_socket(CURL *handle, curl_socket_t socket, int what, void *self, void *);
	static int note_timeout(CURLM *multi, long timeout_ms, void *self);

	SmtpServer server_;
	int epoll_;
	int timer_;
	CURLM *multi_ = nullptr;
	Time multi_deadline_ = Time::max(); ///< when libcurl wants to be called
	std::vector<std::unique_ptr<SmtpConnection>> connections_;
	std::vector<Attempt> finished_;
	std::vector<Attempt> postponed_;
	std::vector<Attempt> again_; ///< lost their connection before it was theirs
};

} // namespace vero::pg
