// Hands one message to an SMTP server: the commands that go out and what the replies to them mean, without a socket.
#include "core/smtp/smtp_transaction.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace vero {

std::string to_smtp_data(std::string_view message)
{
	std::string data;
	data.reserve(message.size() + message.size() / 64 + 8);
	while (!message.empty()) {
		if (message.front() == '.') {
			data += '.';
		}
		std::size_t const end = message.find("\r\n");
		data += message.substr(0, end);
		data += "\r\n";
		message.remove_prefix(end == std::string_view::npos ? message.size() : end + 2);
	}
	return data += ".\r\n";
}

SmtpTransaction::SmtpTransaction(SmtpMail mail, SmtpAbilities abilities, Begin begin)
	: mail_(std::move(mail)), size_(mail_.message.size()), abilities_(abilities)
{
	if (mail_.needs_smtputf8 && !abilities_.has_smtputf8) {
		refuse_unsaid("the server takes no addresses beyond ASCII (SMTPUTF8)", begin);
	} else if (is_too_large()) {
		refuse_unsaid("the message is too large: it has " + std::to_string(size_) + " bytes, and the server takes " +
						  std::to_string(*abilities_.max_size) + " at most (SIZE)",
					  begin);
		verdict_.too_large = mail_.to;
	} else {
		plan(begin);
		send_next();
	}
}

/// The server need not be asked, and is left as it was.
void SmtpTransaction::refuse_unsaid(std::string words, Begin begin)
{
	verdict_ = {SmtpResult::failed, std::move(words), {}, mail_.to, {}, SmtpStage::mail_from};
	replies_ = 1;
	is_over_ = true;
	is_finished_ = begin == Begin::clean;
}

void SmtpTransaction::plan(Begin begin)
{
	if (begin == Begin::after_unfinished) {
		planned_.push_back(Command::rset);
	}
	planned_.push_back(Command::mail);
	planned_.insert(planned_.end(), mail_.to.size(), Command::rcpt);
	planned_.push_back(Command::data);
}

std::string SmtpTransaction::command_line(Command command, std::size_t recipient) const
{
	switch (command) {
	case Command::rset:
		return "RSET\r\n";
	case Command::mail:
		return "MAIL FROM:<" + mail_.from + ">" + (mail_.needs_smtputf8 ? " SMTPUTF8" : "") +
			   (abilities_.max_size ? " SIZE=" + std::to_string(size_) : "") + "\r\n";
	case Command::rcpt:
		return "RCPT TO:<" + mail_.to[recipient] + ">\r\n";
	default:
		return "DATA\r\n";
	}
}

void SmtpTransaction::send(std::string_view bytes)
{
	if (sent_ == out_.size()) {
		out_.clear();
		sent_ = 0;
	}
	out_ += bytes;
}

/// One command, or with pipelining all that may go out together.
void SmtpTransaction::send_next()
{
	while (!planned_.empty() && (awaited_.empty() || abilities_.has_pipelining)) {
		Command const command = planned_.front();
		planned_.pop_front();
		send(command_line(command, next_recipient_));
		has_begun_ |= command == Command::mail;
		next_recipient_ += command == Command::rcpt ? 1 : 0;
		awaited_.push_back(command);
	}
}

std::string_view SmtpTransaction::to_send() const
{
	return is_over_ ? std::string_view() : std::string_view(out_).substr(sent_);
}

void SmtpTransaction::note_sent(std::size_t count)
{
	sent_ += count;
}

void SmtpTransaction::begin_body()
{
	bool const is_wanted = !is_refused_ && has_recipient();
	// Pipelined behind recipients that were all refused, DATA may be granted all the same (RFC 2920, section 3.1).
	awaited_.push_back(is_wanted ? Command::body : Command::lone_dot);
	out_ = is_wanted ? to_smtp_data(std::exchange(mail_.message, {})) : ".\r\n";
	sent_ = 0;
}

/// Notes why the message is refused. The first refusal decides.
void SmtpTransaction::refuse(SmtpStage stage, SmtpReply const &reply)
{
	if (std::exchange(is_refused_, true)) {
		return;
	}
	is_size_refused_ = reply.is_about_size();
	verdict_.result = is_size_refused_ ? SmtpResult::failed : classify(stage, reply.code);
	verdict_.words = to_words(reply);
	verdict_.stage = stage;
}

void SmtpTransaction::judge(Command command, SmtpReply const &reply)
{
	switch (command) {
	case Command::rset:
	case Command::mail:
		if (!reply.is_positive()) {
			refuse(SmtpStage::mail_from, reply);
		}
		break;
	case Command::rcpt:
		recipient_replies_.push_back(reply);
		break;
	case Command::data:
		if (reply.code == 354) {
			begin_body();
		} else if (has_recipient()) {
			refuse(SmtpStage::data, reply);
		}
		break;
	case Command::body:
		is_finished_ = true;
		is_accepted_ = reply.is_positive();
		if (is_accepted_) {
			verdict_.words = to_words(reply);
			verdict_.stage = SmtpStage::body_sent;
		} else {
			refuse(SmtpStage::body_sent, reply);
		}
		break;
	case Command::lone_dot:
		is_finished_ = true;
		break;
	}
}

void SmtpTransaction::note_reply(SmtpReply const &reply)
{
	if (is_over_) {
		return;
	}
	++replies_;
	if (awaited_.empty() || reply.code == 421) {
		is_told_to_leave_ = reply.code == 421;
		end_early(is_told_to_leave_ ? reply : SmtpReply{421, "the server spoke out of turn: " + to_words(reply)});
		return;
	}
	Command const command = awaited_.front();
	awaited_.pop_front();
	judge(command, reply);
	if (is_refused_ || is_everybody_refused()) {
		planned_.clear();
	}
	send_next();
	if (awaited_.empty()) {
		finish();
	}
}

SmtpStage SmtpTransaction::stage() const
{
	if (awaited_.empty()) {
		return SmtpStage::mail_from;
	}
	switch (awaited_.front()) {
	case Command::rset:
	case Command::mail:
		return SmtpStage::mail_from;
	case Command::rcpt:
		return SmtpStage::rcpt_to;
	case Command::data:
	case Command::lone_dot:
		return SmtpStage::data;
	case Command::body:
		break;
	}
	return sent_ < out_.size() ? SmtpStage::body : SmtpStage::body_sent;
}

void SmtpTransaction::note_lost(std::string_view why)
{
	if (is_over_) {
		return;
	}
	is_lost_ = true;
	if (!is_everybody_refused() && !std::exchange(is_refused_, true)) {
		verdict_.stage = stage();
		verdict_.result = classify(verdict_.stage, 0);
		verdict_.words = why;
	}
	finish();
}

/// The server leaves, and says so.
void SmtpTransaction::end_early(SmtpReply const &reply)
{
	is_lost_ = true;
	if (!is_everybody_refused()) {
		refuse(stage(), reply);
	}
	finish();
}

bool SmtpTransaction::has_recipient() const
{
	return std::any_of(recipient_replies_.begin(), recipient_replies_.end(),
					   [](SmtpReply const &reply) { return reply.is_positive(); });
}

/// Then what becomes of the message is known, whatever comes.
bool SmtpTransaction::is_everybody_refused() const
{
	return !is_refused_ && recipient_replies_.size() == mail_.to.size() && !has_recipient();
}

/// Who got it, who never will, and with that what remains.
void SmtpTransaction::settle_recipients()
{
	if (is_refused_ && verdict_.stage == SmtpStage::mail_from) {
		return; // what came after that, pipelined, is not about the recipients
	}
	std::optional<std::size_t> deferred, refused;
	for (std::size_t i = 0; i < recipient_replies_.size(); ++i) {
		SmtpReply const &reply = recipient_replies_[i];
		if (reply.is_positive()) {
			if (is_accepted_) {
				verdict_.accepted.push_back(mail_.to[i]);
			}
		} else if (classify(SmtpStage::rcpt_to, reply.code) == SmtpResult::failed) {
			verdict_.refused.push_back(mail_.to[i]);
			if (reply.is_about_size()) {
				verdict_.too_large.push_back(mail_.to[i]);
			}
			refused = i;
		} else {
			deferred = i;
		}
	}
	if (is_refused_) {
		return; // of the message as a whole
	}
	if (is_accepted_ && !deferred && !refused) {
		verdict_.result = SmtpResult::sent;
		return;
	}
	verdict_.stage = SmtpStage::rcpt_to;
	std::size_t const named = deferred.value_or(refused.value_or(0));
	verdict_.words = to_words(recipient_replies_[named]);
	if (mail_.to.size() > 1) {
		verdict_.words.insert(0, mail_.to[named] + ": ");
	}
	verdict_.result = deferred		 ? classify(SmtpStage::rcpt_to, recipient_replies_[named].code)
					  : is_accepted_ ? SmtpResult::sent
									 : SmtpResult::failed;
}

void SmtpTransaction::finish()
{
	is_over_ = true;
	settle_recipients();
	if (verdict_.result != SmtpResult::failed || !is_refused_) {
		return;
	}
	auto const refused = std::exchange(verdict_.refused, mail_.to);
	auto is_new = [&](auto const &address) { return std::count(refused.begin(), refused.end(), address) == 0; };
	if (is_size_refused_) {
		std::copy_if(mail_.to.begin(), mail_.to.end(), std::back_inserter(verdict_.too_large), is_new);
	}
}

} // namespace vero
