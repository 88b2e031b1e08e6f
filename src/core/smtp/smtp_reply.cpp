// Reads an SMTP server's replies out of the bytes that come in: what they mean for a message, and what the server says that it can do.
#include "core/smtp/smtp_reply.hpp"

#include "core/mail/mail_header.hpp"
#include "core/text/character.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace vero {
namespace {

constexpr std::size_t kMaxText = 500;
/// RFC 5321 grants 512 bytes a line; servers write longer ones.
constexpr std::size_t kMaxLine = 4096;
constexpr int kMaxLines = 1000;

int read_code(std::string_view line)
{
	if (line.size() < 3 || line[0] < '2' || line[0] > '5') {
		return 0;
	}
	int code = 0;
	for (char const c : line.substr(0, 3)) {
		if (c < '0' || c > '9') {
			return 0;
		}
		code = code * 10 + (c - '0');
	}
	return code;
}

/// "5.3.4" and the like at its beginning.
bool has_enhanced_code(std::string_view text)
{
	auto const end = text.find(' ');
	std::string_view const word = text.substr(0, end);
	return word.size() >= 5 && word[0] == '5' && word[1] == '.' &&
		   word.find_first_not_of("0123456789.") == std::string_view::npos;
}

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

/// True where `line` is the keyword `name`, in any case, alone or with parameters behind it.
bool is_keyword(std::string_view line, std::string_view name)
{
	return line.size() >= name.size() &&
		   std::equal(name.begin(), name.end(), line.begin(), [](char n, char l) { return n == upper_ascii(l); }) &&
		   (line.size() == name.size() || line[name.size()] == ' ' || line[name.size()] == '=');
}

/// "SIZE 10240000"; 0 where it says none.
std::uint64_t read_size(std::string_view line)
{
	std::string_view const digits = line.substr(std::min<std::size_t>(line.size(), 5));
	std::uint64_t size = 0;
	auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), size);
	return read.ec == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : size;
}

} // namespace

bool SmtpReply::is_about_size() const
{
	if (code / 100 != 5 || !has_enhanced_code(text)) {
		return code == 552;
	}
	std::string_view const enhanced = std::string_view(text).substr(0, text.find(' '));
	return enhanced == "5.3.4" || enhanced == "5.2.3";
}

std::string to_words(SmtpReply const &reply)
{
	std::string const code = std::to_string(reply.code);
	return reply.text.empty() ? code : code + " " + reply.text;
}

/// True where it ends its reply.
bool SmtpReplyReader::take_line(std::string_view line)
{
	int const code = read_code(line);
	char const mark = line.size() > 3 ? line[3] : ' ';
	if (code == 0 || (mark != ' ' && mark != '-') || (code_ != 0 && code != code_) || ++lines_ > kMaxLines) {
		is_broken_ = true;
		return false;
	}
	code_ = code;
	if (line.size() > 4 && text_.size() < kMaxLine) {
		text_ += text_.empty() ? "" : " ";
		text_ += line.substr(4);
	}
	return mark == ' ';
}

std::optional<SmtpReply> SmtpReplyReader::take()
{
	std::size_t start = 0;
	std::optional<SmtpReply> reply;
	while (!reply && !is_broken_) {
		std::size_t const end = pending_.find('\n', start);
		if (end == std::string::npos) {
			is_broken_ = pending_.size() - start > kMaxLine;
			break;
		}
		std::string_view line(pending_.data() + start, end - start);
		if (line.ends_with('\r')) {
			line.remove_suffix(1);
		}
		start = end + 1;
		if (take_line(line)) {
			lines_ = 0;
			reply = SmtpReply{std::exchange(code_, 0), clip(to_header_text(std::exchange(text_, {})), kMaxText)};
		}
	}
	pending_.erase(0, start);
	return reply;
}

void SmtpAbilities::note_line(std::string_view line) noexcept
{
	while (line.ends_with('\n') || line.ends_with('\r')) {
		line.remove_suffix(1);
	}
	if (line.starts_with("220")) {
		*this = {};
	}
	if (line.size() <= 4 || !line.starts_with("250")) {
		return;
	}
	line.remove_prefix(4);
	has_pipelining |= is_keyword(line, "PIPELINING");
	has_smtputf8 |= is_keyword(line, "SMTPUTF8");
	has_auth |= is_keyword(line, "AUTH");
	if (is_keyword(line, "SIZE")) {
		max_size = read_size(line);
	}
}

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
