// Hands one message to an SMTP server: the commands that go out and what the replies to them mean, without a socket.
#pragma once

#include "core/smtp/smtp_reply.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vero {

/// Who it comes from and goes to, addresses as Mailbox::address() has them, and what: build_message()'s bytes.
struct SmtpMail {
	std::string from;
	std::vector<std::string> to; ///< at least one
	std::string message;
	bool needs_smtputf8 = false;
};

/// How it ended. A recipient is in `accepted` once the server answers for the message to it, in `refused` where it never will;
/// all others remain.
struct SmtpVerdict {
	SmtpResult result =
		SmtpResult::relay_down; ///< sent: no recipient remains, and at least one accepted. failed: none accepted
	std::string words;			///< the server's, or why none came; on success too
	std::vector<std::string> accepted;
	std::vector<std::string> refused;
	std::vector<std::string> too_large;	  ///< those among `refused` who may take a smaller message
	SmtpStage stage = SmtpStage::connect; ///< whose answer decided
};

/// One mail transaction (RFC 5321, section 3.3) on a connection that is open, greeted and, if need be, authenticated.
class SmtpTransaction {
public:
	enum class Begin : unsigned char {
		clean,
		after_unfinished
	}; ///< the connection's last transaction was left: RSET first

	SmtpTransaction(SmtpMail mail, SmtpAbilities abilities, Begin begin);

	/// What is to be sent now. Valid until the next call of another member.
	std::string_view to_send() const;
	void note_sent(std::size_t count);

	void note_reply(SmtpReply const &reply);
	/// The connection is gone, or waited for too long.
	void note_lost(std::string_view why);

	/// False while what the connection was left with is cleared away: the server has not heard of this message yet.
	bool has_begun() const { return has_begun_; }
	bool is_over() const { return is_over_; }
	/// True where the server has all of the message and has not answered: it may have taken it.
	bool is_in_doubt() const { return !is_over_ && stage() == SmtpStage::body_sent; }
	/// True where the server left before it looked at this message: no reply came, or at once that it closes the connection.
	bool is_untouched() const { return is_lost_ && replies_ == (is_told_to_leave_ ? 1 : 0); }
	/// True where the connection can carry another message, which has to begin as left_as() says.
	bool is_connection_usable() const { return is_over_ && !is_lost_; }
	Begin left_as() const { return is_finished_ ? Begin::clean : Begin::after_unfinished; }

	/// Once it is over.
	SmtpVerdict const &verdict() const { return verdict_; }
	/// The message again, for another transaction, where it is_untouched().
	SmtpMail take_mail() { return std::move(mail_); }

private:
	enum class Command : unsigned char { rset, mail, rcpt, data, body, lone_dot };

	bool is_too_large() const { return abilities_.max_size.value_or(0) != 0 && size_ > *abilities_.max_size; }
	void refuse_unsaid(std::string words, Begin begin);
	void plan(Begin begin);
	void send_next();
	void send(std::string_view bytes);
	std::string command_line(Command command, std::size_t recipient) const;
	void judge(Command command, SmtpReply const &reply);
	void begin_body();
	void refuse(SmtpStage stage, SmtpReply const &reply);
	void end_early(SmtpReply const &reply);
	bool has_recipient() const;
	bool is_everybody_refused() const;
	void settle_recipients();
	void finish();
	SmtpStage stage() const;

	SmtpMail mail_;
	std::size_t size_; ///< of the message, in bytes
	SmtpAbilities abilities_;
	std::deque<Command> planned_; ///< still to be sent
	std::deque<Command> awaited_; ///< sent: their replies come in this order
	std::string out_;
	std::size_t sent_ = 0;
	std::size_t next_recipient_ = 0; ///< whose RCPT is sent next
	std::vector<SmtpReply> recipient_replies_;
	SmtpVerdict verdict_;
	int replies_ = 0;
	bool has_begun_ = false;
	bool is_refused_ = false;
	bool is_size_refused_ = false; ///< by what refused it as a whole
	bool is_accepted_ = false;	   ///< the final dot got a good reply
	bool is_finished_ = false;	   ///< the server has nothing of it in hand any more
	bool is_lost_ = false;
	bool is_told_to_leave_ = false; ///< the server answered 421
	bool is_over_ = false;
};

/// The message as DATA carries it: a dot before each line that begins with one, CRLF at its end, and the final dot.
std::string to_smtp_data(std::string_view message);

} // namespace vero
