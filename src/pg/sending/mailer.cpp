// Sends messages over a few connections at a time, without ever waiting: what it waits for is in one descriptor.
#include "pg/sending/mailer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace vero::pg {
namespace {

using namespace std::chrono;

/// All signals are blocked within this scope: threads that are started in it never run a handler of PostgreSQL's.
class SignalBlock {
public:
	SignalBlock()
	{
		sigset_t all;
		sigfillset(&all);
		pthread_sigmask(SIG_BLOCK, &all, &before_);
	}
	SignalBlock(SignalBlock const &) = delete;
	SignalBlock &operator=(SignalBlock const &) = delete;
	~SignalBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
	sigset_t before_;
};

void watch_descriptor(int epoll, int descriptor, std::uint32_t events)
{
	epoll_event event{};
	event.events = events;
	event.data.fd = descriptor;
	if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) != 0 && errno == ENOENT)
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

[[noreturn]] void throw_errno(char const *what)
{
	throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

Mailer::Mailer(SmtpServer server) : server_(std::move(server))
{
	SignalBlock block;
	static CURLcode const initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
	if (initialised != CURLE_OK)
		throw std::runtime_error(curl_easy_strerror(initialised));
	if ((epoll_ = epoll_create1(EPOLL_CLOEXEC)) < 0)
		throw_errno("could not create an epoll descriptor");
	if ((timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) < 0) {
		int error = errno;
		close(epoll_);
		errno = error;
		throw_errno("could not create a timer");
	}
	if ((multi_ = curl_multi_init()) == nullptr) {
		close(timer_);
		close(epoll_);
		throw std::bad_alloc();
	}
	watch_descriptor(epoll_, timer_, EPOLLIN);
	curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, note_socket);
	curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
	curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, note_timeout);
	curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

Mailer::~Mailer()
{
	SignalBlock block;
	for (auto &connection : connections_)
		connection->quit();
	connections_.clear();
	curl_multi_cleanup(multi_);
	close(timer_);
	close(epoll_);
}

std::size_t Mailer::active() const
{
	return again_.size() +
		   static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(), [](auto const &connection) {
			   return !connection->is_free() && !connection->is_closed();
		   }));
}

int Mailer::note_socket(CURL *, curl_socket_t socket, int what, void *self, void *)
{
	auto *mailer = static_cast<Mailer *>(self);
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(mailer->epoll_, EPOLL_CTL_DEL, socket, nullptr);
	} else {
		watch_descriptor(mailer->epoll_, socket,
						 ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U));
	}
	return 0;
}

int Mailer::note_timeout(CURLM *, long timeout_ms, void *self)
{
	static_cast<Mailer *>(self)->multi_deadline_ =
		timeout_ms < 0 ? Time::max() : steady_clock::now() + milliseconds(timeout_ms);
	return 0;
}

/// For the earliest of what libcurl and the messages have to be watched for.
void Mailer::set_timer()
{
	Time earliest = multi_deadline_;
	for (auto const &connection : connections_)
		earliest = std::min(earliest, connection->deadline().value_or(Time::max()));
	itimerspec when{};
	if (earliest != Time::max()) {
		auto left = std::max(duration_cast<nanoseconds>(earliest - steady_clock::now()), nanoseconds(1));
		when.it_value.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
		when.it_value.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
	}
	(void)timerfd_settime(timer_, 0, &when, nullptr);
}

SmtpConnection *Mailer::find(curl_socket_t socket)
{
	for (auto &connection : connections_) {
		if (connection->is_open() && connection->socket() == socket)
			return connection.get();
	}
	return nullptr;
}

void Mailer::watch(SmtpConnection const &connection)
{
	if (connection.is_open() && !connection.is_closed())
		watch_descriptor(epoll_, connection.socket(), EPOLLIN | (connection.wants_to_send() ? EPOLLOUT : 0U));
}

void Mailer::start(Attempt attempt)
{
	SignalBlock block;
	auto is_free = [](auto const &connection) { return connection->is_free(); };
	// an open one, if there is: one that is still being opened has just lost its message
	auto place = std::find_if(connections_.begin(), connections_.end(),
							  [&](auto const &connection) { return is_free(connection) && connection->is_open(); });
	if (place == connections_.end())
		place = std::find_if(connections_.begin(), connections_.end(), is_free);
	if (place == connections_.end()) {
		connections_.push_back(std::make_unique<SmtpConnection>(multi_, server_));
		place = connections_.end() - 1;
	}
	(*place)->start(std::move(attempt), steady_clock::now());
	watch(**place);
	collect();
	set_timer();
}

void Mailer::note_opened()
{
	int left = 0;
	while (CURLMsg *message = curl_multi_info_read(multi_, &left)) {
		if (message->msg != CURLMSG_DONE)
			continue;
		for (auto &connection : connections_) {
			if (connection->is_handle(message->easy_handle)) {
				connection->note_opened(message->data.result);
				watch(*connection);
				break;
			}
		}
	}
}

void Mailer::advance_sockets()
{
	std::array<epoll_event, 64> events;
	int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
	for (int i = 0; i < count; i++) {
		int descriptor = events[static_cast<std::size_t>(i)].data.fd;
		std::uint32_t what = events[static_cast<std::size_t>(i)].events;
		int running = 0;
		if (descriptor == timer_) {
			std::uint64_t expirations;
			(void)!read(timer_, &expirations, sizeof expirations);
		} else if (SmtpConnection *connection = find(descriptor)) {
			connection->advance();
			watch(*connection);
		} else {
			int mask = ((what & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) | ((what & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
					   ((what & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
			(void)curl_multi_socket_action(multi_, descriptor, mask, &running);
		}
	}
	if (multi_deadline_ <= steady_clock::now()) {
		int running = 0;
		multi_deadline_ = Time::max();
		(void)curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

/// Takes what ended from the connections, and lets go of those that are closed.
void Mailer::collect()
{
	for (auto &connection : connections_) {
		if (auto finished = connection->take_finished())
			finished_.push_back(std::move(*finished));
		if (auto untouched = connection->take_untouched())
			again_.push_back(std::move(*untouched));
		if (auto postponed = connection->take_postponed())
			postponed_.push_back(std::move(*postponed));
	}
	std::erase_if(connections_, [](auto const &connection) { return connection->is_closed(); });
}

void Mailer::advance()
{
	SignalBlock block;
	advance_sockets();
	note_opened();
	for (auto &connection : connections_) {
		if (auto deadline = connection->deadline(); deadline && *deadline <= steady_clock::now())
			connection->give_up("the server took too long");
	}
	collect();
	for (Attempt &attempt : std::exchange(again_, {}))
		start(std::move(attempt));
	set_timer();
}

void Mailer::give_up(Pending pending, char const *why)
{
	SignalBlock block;
	for (auto &connection : connections_) {
		bool is_kept = (pending == Pending::unopened && connection->is_handing_over()) ||
					   (pending == Pending::unsent && connection->is_in_doubt());
		if (!connection->is_free() && !is_kept)
			connection->give_up(why);
	}
	collect();
	for (Attempt &attempt : std::exchange(again_, {})) {
		attempt.verdict.words = why;
		finished_.push_back(std::move(attempt));
	}
	set_timer();
}

std::vector<Attempt> Mailer::take_finished()
{
	return std::exchange(finished_, {});
}

std::vector<Attempt> Mailer::take_postponed()
{
	return std::exchange(postponed_, {});
}

} // namespace vero::pg
