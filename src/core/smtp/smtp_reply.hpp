// Reads an SMTP server's replies out of the bytes that come in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vero {

/// What a server answers (RFC 5321, section 4.2).
struct SmtpReply {
	int code;		  ///< 200 to 599
	std::string text; ///< all lines as one, without the code; UTF-8 without controls, clipped after 500 characters

	bool is_positive() const { return code / 100 == 2; }
	/// A permanent refusal for the message's size: by its enhanced code (RFC 3463) or, where there is none, by its code (RFC 1870).
	bool is_about_size() const;
};

/// `550 5.1.1 No such user`.
std::string to_words(SmtpReply const &reply);

class SmtpReplyReader {
public:
	/// Takes what came in, which may be cut anywhere.
	void feed(std::string_view bytes) { pending_ += bytes; }

	/// The next whole reply; nothing while there is none. After is_broken() nothing more.
	std::optional<SmtpReply> take();

	/// True once what came in is no SMTP: a line that is no reply's, or replies without an end.
	bool is_broken() const { return is_broken_; }

private:
	bool take_line(std::string_view line);

	std::string pending_;
	std::string text_; ///< what the lines of the reply so far say
	int code_ = 0;	   ///< of the lines of the reply so far; 0: there are none
	int lines_ = 0;	   ///< how many lines the reply has so far
	bool is_broken_ = false;
};

} // namespace vero
