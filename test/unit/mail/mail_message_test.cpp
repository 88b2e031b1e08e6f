// Checks whole messages by reading them back: no value adds a header, a recipient or a part, and every byte comes back.
#include "core/mail/mail_message.hpp"
#include "core/mail/mime_encoding.hpp"
#include "support/plain_mail.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace test;
using namespace std::string_literals;

using Names = std::vector<std::string>;

/// What tries to get out of its place: into a header, a recipient, a part, a command.
std::vector<std::string> const kHostile{
	"x\r\nBcc: evil@example.com",
	"x\nBcc: evil@example.com",
	"x\rBcc: evil@example.com",
	"x\r\n\r\nbody",
	"\r\n.\r\nMAIL FROM:<evil@example.com>\r\n",
	"\n.\n",
	".",
	"..",
	"a\0b"s,
	"\xFF\xFE\x80",
	"> <evil@example.com>",
	"\" <evil@example.com>, \"",
	"a@b.example, evil@example.com",
	"=?UTF-8?B?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
	"=?UTF-8?Q?=0D=0ABcc:?=",
	"?=",
	"x\xE2\x80\xA8"
	"Bcc: y\xC2\x85z",
	"--=_0000000000000000_mixed\r\nContent-Type: text/html",
	"--\r\n--",
	"\"; filename=\"evil.exe",
	"; charset=x",
	"From evil\r\nFrom evil",
	"\t\x0B\x0C\x1B[31m\x7F",
	std::string(2000, 'x'),
	std::string(2000, '\n'),
	std::string(2000, ' '),
	std::string(1000, '\xE9'),
};

MailMessage example_message()
{
	return {.from = *Mailbox::make("Shop", "shop@example.com"),
			.to = {*Mailbox::make("", "ada@example.org")},
			.subject = "Your shirt",
			.date_us = 1'643'634'306'000'000,
			.message_id = "7.abc@db.example.com",
			.body_text = "Dear Ada,\nyour shirt is ready.\n"};
}

Names const kEnvelope{
	"Date", "From", "To", "Message-ID", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"};

Names with(Names names, Names const &more)
{
	names.insert(names.end(), more.begin(), more.end());
	return names;
}

} // namespace

TEST(MailMessage, IsWhatAPersonWouldWrite)
{
	EXPECT_EQ(build_message(example_message()), "Date: Mon, 31 Jan 2022 13:05:06 +0000\r\n"
												"From: \"Shop\" <shop@example.com>\r\n"
												"To: ada@example.org\r\n"
												"Message-ID: <7.abc@db.example.com>\r\n"
												"Subject: Your shirt\r\n"
												"Auto-Submitted: auto-generated\r\n"
												"X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n"
												"MIME-Version: 1.0\r\n"
												"Content-Type: text/plain; charset=utf-8\r\n"
												"Content-Transfer-Encoding: quoted-printable\r\n"
												"\r\n"
												"Dear Ada,\r\n"
												"your shirt is ready.\r\n");
}

TEST(MailMessage, OffersTextAndHtmlAsAlternatives)
{
	auto message = example_message();
	message.body_html = "<p>caf\xC3\xA9</p>";
	auto const mail = read_mail(build_message(message));
	EXPECT_EQ(mail.names(), with(kEnvelope, {"Content-Type"}));
	EXPECT_TRUE(mail.text_of("Content-Type").starts_with("multipart/alternative; boundary="));
	ASSERT_EQ(mail.parts.size(), 2);
	EXPECT_EQ(mail.parts[0].text_of("Content-Type"), "text/plain; charset=utf-8");
	EXPECT_EQ(mail.parts[0].content, "Dear Ada,\r\nyour shirt is ready.\r\n");
	EXPECT_EQ(mail.parts[1].text_of("Content-Type"), "text/html; charset=utf-8");
	EXPECT_EQ(mail.parts[1].content, "<p>caf\xC3\xA9</p>\r\n");
}

TEST(MailMessage, HasOnePartForOneBody)
{
	auto message = example_message();
	message.body_text.reset();
	EXPECT_EQ(read_mail(build_message(message)).text_of("Content-Type"), "text/plain; charset=utf-8");
	EXPECT_EQ(read_mail(build_message(message)).content, "");
	message.body_html = "<p>x</p>";
	EXPECT_EQ(read_mail(build_message(message)).text_of("Content-Type"), "text/html; charset=utf-8");
	EXPECT_EQ(read_mail(build_message(message)).content, "<p>x</p>\r\n");
	message.body_html = "\xE4\xB8\xAD\xE6\x96\x87";
	EXPECT_EQ(read_mail(build_message(message)).text_of("Content-Transfer-Encoding"), "base64");
	EXPECT_EQ(read_mail(build_message(message)).content, "\xE4\xB8\xAD\xE6\x96\x87\r\n");
}

TEST(MailMessage, CarriesAnAttachmentByteByByte)
{
	std::string bytes;
	for (int i = 0; i < 1000; ++i) {
		bytes.push_back(static_cast<char>(i));
	}
	auto message = example_message();
	message.body_html = "<p>x</p>";
	message.attachment = {.file_name = "rejects-7.csv", .bytes = bytes};
	auto mail = read_mail(build_message(message));
	EXPECT_EQ(mail.names(), with(kEnvelope, {"Content-Type"}));
	EXPECT_TRUE(mail.text_of("Content-Type").starts_with("multipart/mixed; "));
	ASSERT_EQ(mail.parts.size(), 2);
	EXPECT_EQ(mail.parts[0].parts.size(), 2);
	EXPECT_EQ(mail.parts[1].names(), (Names{"Content-Type", "Content-Transfer-Encoding", "Content-Disposition"}));
	EXPECT_EQ(mail.parts[1].text_of("Content-Type"), "application/octet-stream");
	EXPECT_EQ(mail.parts[1].text_of("Content-Disposition"), "attachment; filename=\"rejects-7.csv\"");
	EXPECT_EQ(mail.parts[1].content, bytes);

	message.body_html.reset();
	message.attachment->bytes = "";
	mail = read_mail(build_message(message));
	ASSERT_EQ(mail.parts.size(), 2);
	EXPECT_EQ(mail.parts[0].content, "Dear Ada,\r\nyour shirt is ready.\r\n");
	EXPECT_EQ(mail.parts[1].content, "");
}

TEST(MailMessage, NamesTheFileSafely)
{
	auto message = example_message();
	auto const name_of_file = [&](std::string const &name) {
		message.attachment = {.file_name = name, .bytes = "x"};
		return parameter_of(read_mail(build_message(message)).parts.at(1).text_of("Content-Disposition"), "filename");
	};
	EXPECT_EQ(name_of_file("../../etc/passwd"), ".._.._etc_passwd");
	EXPECT_EQ(name_of_file("C:\\x"), "C:_x");
	EXPECT_EQ(name_of_file(""), "attachment");
	EXPECT_EQ(name_of_file("\r\n"), "attachment");
	EXPECT_EQ(name_of_file("gr\xC3\xBC\xC3\x9F\x65.csv"), "gr\xC3\xBC\xC3\x9F\x65.csv");
	EXPECT_EQ(name_of_file("\"; x=\"y"), "\"; x=\"y");
	EXPECT_EQ(name_of_file(std::string(201, 'x')), std::string(200, 'x') + "...");
}

TEST(MailMessage, LetsNoValueOutOfItsPlace)
{
	for (auto const &hostile : kHostile) {
		MailMessage const message{.from = *Mailbox::make(hostile, "shop@example.com"),
								  .to = {*Mailbox::make(hostile, "ada@example.org")},
								  .subject = hostile,
								  .date_us = 0,
								  .message_id = hostile,
								  .body_text = hostile,
								  .body_html = hostile,
								  .attachment = MailAttachment{hostile, hostile},
								  .list_id = hostile,
								  .list_unsubscribe = {"https://x.example/" + hostile, "mailto:" + hostile, hostile}};
		auto const bytes = build_message(message);
		EXPECT_TRUE(bytes.find("\r\n.") == std::string::npos && bytes.find('\0') == std::string::npos);
		auto const mail = read_mail(bytes);
		Names expected{"Date",	 "From", "To", "Message-ID", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress",
					   "List-Id"};
		if (hostile.size() < 900) {
			expected = with(expected, {"List-Unsubscribe", "List-Unsubscribe-Post"});
		}
		EXPECT_EQ(mail.names(), with(expected, {"MIME-Version", "Content-Type"})) << testing::PrintToString(hostile);
		auto const from = read_mailboxes(mail.text_of("From"));
		auto const to = read_mailboxes(mail.text_of("To"));
		EXPECT_EQ(from, (std::vector<PlainMailbox>{{message.from.display_name(), "shop@example.com"}}));
		EXPECT_EQ(to, (std::vector<PlainMailbox>{{message.to[0].display_name(), "ada@example.org"}}));
		ASSERT_EQ(mail.parts.size(), 2);
		ASSERT_EQ(mail.parts[0].parts.size(), 2);
		for (auto const &part : mail.parts[0].parts) {
			EXPECT_EQ(part.names(), (Names{"Content-Type", "Content-Transfer-Encoding"}));
			EXPECT_EQ(part.content, to_mail_lines(hostile));
		}
		EXPECT_EQ(mail.parts[1].content, hostile);
	}
}

TEST(MailMessage, ShowsTheSubjectAsItIs)
{
	auto message = example_message();
	auto const subject_of = [&](std::string const &subject) {
		message.subject = subject;
		return decode_words(read_mail(build_message(message)).text_of("Subject"));
	};
	EXPECT_EQ(subject_of("x\r\nBcc: y"), "x  Bcc: y");
	EXPECT_EQ(subject_of(""), "");
	EXPECT_EQ(subject_of("\xFF"), "\xEF\xBF\xBD");
	EXPECT_EQ(subject_of("=?UTF-8?Q?x?="), "=?UTF-8?Q?x?=");
	std::string longest;
	for (int i = 0; i < 100; ++i) {
		longest += "\xE4\xB8\xAD word ";
	}
	longest += "x"; // 701 characters
	EXPECT_EQ(utf8_length(subject_of(longest)), 503);
	EXPECT_EQ(subject_of(std::string(500, 'x')), std::string(500, 'x'));
	EXPECT_EQ(subject_of(std::string(501, 'x')), std::string(500, 'x') + "...");
}

TEST(MailMessage, FoldsLongHeaders)
{
	auto message = example_message();
	message.subject = "word";
	for (int i = 0; i < 99; ++i) {
		message.subject += " word";
		message.to.push_back(*Mailbox::make("J\xC3\xBCrgen", "ada@example.org"));
	}
	auto const bytes = build_message(message);
	for (auto const &line : split_lines(bytes)) {
		EXPECT_LE(line.size(), 76);
	}
	auto const mail = read_mail(bytes);
	EXPECT_EQ(mail.text_of("Subject"), message.subject);
	auto const to = read_mailboxes(mail.text_of("To"));
	ASSERT_EQ(to.size(), 100);
	EXPECT_EQ(to[99], (PlainMailbox{"J\xC3\xBCrgen", "ada@example.org"}));
}

TEST(MailMessage, HidesRecipientsWhereThereAreNone)
{
	auto message = example_message();
	message.to.clear();
	EXPECT_EQ(read_mail(build_message(message)).text_of("To"), "undisclosed-recipients:;");
}

TEST(MailMessage, KeepsTheMessageIdAnAtom)
{
	auto message = example_message();
	auto const id_of = [&](std::string const &id) {
		message.message_id = id;
		return read_mail(build_message(message)).text_of("Message-ID");
	};
	EXPECT_EQ(id_of("a.b-c@d.example"), "<a.b-c@d.example>");
	EXPECT_EQ(id_of("a> <b\r\nX: y@z"), "<a___b__X__y@z>");
	EXPECT_EQ(id_of("a\0\xC3\xA9@b"s), "<a___@b>");
	for (std::size_t const size : {250, 251, 300})
		EXPECT_EQ(id_of(std::string(size, 'x')), "<" + std::string(250, 'x') + ">");
}

TEST(MailMessage, OffersToUnsubscribe)
{
	auto message = example_message();
	auto const built = [&](std::vector<std::string> uris) {
		message.list_unsubscribe = std::move(uris);
		return read_mail(build_message(message));
	};
	auto mail = built({"mailto:out@example.com?subject=7", "https://example.com/out?u=7&t=a%20b"});
	EXPECT_EQ(mail.text_of("List-Unsubscribe"),
			  "<mailto:out@example.com?subject=7>, <https://example.com/out?u=7&t=a%20b>");
	EXPECT_EQ(mail.text_of("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
	mail = built({"mailto:out@example.com"});
	EXPECT_EQ(mail.names(),
			  (Names{"Date", "From", "To", "Message-ID", "Subject", "Auto-Submitted", "X-Auto-Response-Suppress",
					 "List-Unsubscribe", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}));
	mail = built({"HTTPS://example.com/<>\" \r\n\xC3\xA9"});
	EXPECT_EQ(mail.text_of("List-Unsubscribe"), "<HTTPS://example.com/%3C%3E%22%20%0D%0A%C3%A9>");
	for (auto const &uri :
		 {""s, "http://example.com"s, "javascript:x"s, "https"s, " https://x"s, "https://" + std::string(893, 'x')}) {
		EXPECT_EQ(built({uri}).names(), with(kEnvelope, {"Content-Type", "Content-Transfer-Encoding"})) << uri;
	}
	EXPECT_EQ(built({"https://" + std::string(892, 'x')}).text_of("List-Unsubscribe").size(), 902);
}

TEST(MailMessage, NamesTheListThatItBelongsTo)
{
	auto message = example_message();
	auto const id_of = [&](std::string const &id) {
		message.list_id = id;
		return read_mail(build_message(message)).text_of("List-Id");
	};
	EXPECT_EQ(id_of("campaign-7.example.com"), "<campaign-7.example.com>");
	EXPECT_EQ(id_of("a> <b\r\nX: y"), "<a___b__X__y>");
	EXPECT_EQ(id_of(std::string(251, 'x')), "<" + std::string(250, 'x') + ">");
}

TEST(MailMessage, SaysThatItIsATest)
{
	auto message = example_message();
	EXPECT_EQ(build_message(message).find("X-Vero-Events-Test"), std::string::npos);
	message.is_test = true;
	EXPECT_EQ(read_mail(build_message(message)).text_of("X-Vero-Events-Test"), "yes");
}

TEST(MailMessage, IsTheSameForEqualValues)
{
	auto message = example_message();
	message.body_html = "<p>x</p>";
	auto const boundary_of = [](MailMessage const &built) {
		return parameter_of(read_mail(build_message(built)).text_of("Content-Type"), "boundary");
	};
	EXPECT_EQ(build_message(message), build_message(message));
	auto other = message;
	other.message_id = "8.abc@db.example.com";
	EXPECT_NE(boundary_of(message), boundary_of(other));
	EXPECT_EQ(boundary_of(message).find("=_"), 0);
}

TEST(MailMessage, KnowsWhatNeedsSmtputf8)
{
	auto message = example_message();
	message.body_text = "caf\xC3\xA9";
	message.to.push_back(*Mailbox::make("J\xC3\xBCrgen", "a@b\xC3\xBC\x63her.example"));
	EXPECT_FALSE(needs_smtputf8(message));
	message.to.push_back(*Mailbox::make("", "j\xC3\xBCrgen@example.com"));
	EXPECT_TRUE(needs_smtputf8(message));
	EXPECT_EQ(read_mailboxes(read_mail(build_message(message)).text_of("To")).at(2).address,
			  "j\xC3\xBCrgen@example.com");
	message.to.resize(1, message.to[0]);
	EXPECT_FALSE(needs_smtputf8(message));
	message.from = *Mailbox::make("", "j\xC3\xBCrgen@example.com");
	EXPECT_TRUE(needs_smtputf8(message));
}

} // namespace vero
