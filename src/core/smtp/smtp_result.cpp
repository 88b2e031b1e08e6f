// Judges how handing a message to an SMTP server ended.
#include "core/smtp/smtp_result.hpp"

namespace vero {

namespace {

/// Replies that say the same about every message on the connection: closing, or authentication is wanted, too weak, or failed.
bool is_about_session(int reply)
{
	switch (reply) {
	case 421:
	case 454:
	case 530:
	case 534:
	case 535:
	case 538:
		return true;
	default:
		return false;
	}
}

/// Replies to MAIL FROM that speak of the sender's address (450, 501, 550, 553, 555) or of the message's size (552).
bool is_about_sender(int reply)
{
	switch (reply) {
	case 450:
	case 501:
	case 550:
	case 552:
	case 553:
	case 555:
		return true;
	default:
		return false;
	}
}

SmtpResult classify_refusal(int reply)
{
	return reply / 100 == 4 ? SmtpResult::retry : SmtpResult::failed;
}

} // namespace

SmtpResult classify(SmtpStage stage, int reply)
{
	bool const is_refusal = reply / 100 == 4 || reply / 100 == 5;
	if (stage == SmtpStage::body_sent && !is_refusal) {
		return SmtpResult::uncertain;
	}
	if (is_about_session(reply)) {
		return SmtpResult::relay_down;
	}
	switch (stage) {
	case SmtpStage::connect:
		return SmtpResult::relay_down;
	case SmtpStage::mail_from:
		return is_about_sender(reply) ? classify_refusal(reply) : SmtpResult::relay_down;
	case SmtpStage::rcpt_to:
	case SmtpStage::data:
		return is_refusal ? classify_refusal(reply) : SmtpResult::relay_down;
	case SmtpStage::body:
	case SmtpStage::body_sent:
		break;
	}
	return is_refusal ? classify_refusal(reply) : SmtpResult::retry;
}

} // namespace vero
