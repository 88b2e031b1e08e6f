// Checks mailboxes: what is one, that none can say more in a header or to a server than its own address, and domains in ASCII.
#include "core/mail/mail_address.hpp"
#include "core/mail/mail_header.hpp"
#include "support/plain_mail.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace test;
using namespace std::string_literals;

/// `name|address`, or "none".
std::string parsed(std::string_view text)
{
	auto const mailbox = parse_mailbox(text);
	return mailbox ? mailbox->display_name() + "|" + mailbox->address() : "none";
}

std::string made(std::string_view name, std::string_view address)
{
	auto const mailbox = Mailbox::make(name, address);
	return mailbox ? mailbox->display_name() + "|" + mailbox->address() : "none";
}

/// What a reader makes of the mailbox in a header.
PlainMailbox read_back(std::string_view name, std::string_view address)
{
	std::string out;
	append_header(out, "To", to_header_pieces(Mailbox::make(name, address).value()));
	auto lines = split_lines(out + "\r\n");
	auto const headers = take_headers(lines);
	EXPECT_EQ(headers.size(), 1);
	auto const mailboxes = read_mailboxes(headers[0].text);
	EXPECT_EQ(mailboxes.size(), 1);
	return mailboxes[0];
}

} // namespace

TEST(MailAddress, ReadsAddressesAndNames)
{
	EXPECT_EQ(parsed("a@b.example"), "|a@b.example");
	EXPECT_EQ(parsed(" \ta@b.example "), "|a@b.example");
	EXPECT_EQ(parsed("<a@b.example>"), "|a@b.example");
	EXPECT_EQ(parsed("Name <a@b.example>"), "Name|a@b.example");
	EXPECT_EQ(parsed("Name<a@b.example>"), "Name|a@b.example");
	EXPECT_EQ(parsed("  Two  Words  <a@b.example>"), "Two  Words|a@b.example");
	EXPECT_EQ(parsed("\"Name, Inc.\" <a@b.example>"), "Name, Inc.|a@b.example");
	EXPECT_EQ(parsed(R"("a \"b\" \\ <c>" <a@b.example>)"), R"(a "b" \ <c>|a@b.example)");
	EXPECT_EQ(parsed("J. R. \"Bob\" O'Hara <a@b.example>"), "J. R. Bob O'Hara|a@b.example");
	EXPECT_EQ(parsed("ops@example.com <a@b.example>"), "ops@example.com|a@b.example");
	EXPECT_EQ(parsed("J\xC3\xBCrgen <a@b.example>"), "J\xC3\xBCrgen|a@b.example");
	EXPECT_EQ(parsed("\"\" <a@b.example>"), "|a@b.example");
}

TEST(MailAddress, RefusesEverythingElse)
{
	for (auto const &text : {""s,
							 " "s,
							 "a"s,
							 "a@b"s,
							 "@b.example"s,
							 "a@b.example, c@d.example"s,
							 "a@b.example; c@d.example"s,
							 "a@b.example c@d.example"s,
							 "Name a@b.example"s,
							 "Name <a@b.example> x"s,
							 "Name <a@b.example"s,
							 "a@b.example>"s,
							 "<>"s,
							 "Name <>"s,
							 "<a@b.example>>"s,
							 "<<a@b.example>"s,
							 "Name < a@b.example>"s,
							 "Name <a@b.example >"s,
							 "(comment) <a@b.example>"s,
							 "a@b.example (comment)"s,
							 "<@r.example:a@b.example>"s,
							 "group: a@b.example;"s,
							 "Name, Inc. <a@b.example>"s,
							 "\"open <a@b.example>"s,
							 "a\" <a@b.example>"s,
							 "\"end\\\" <a@b.example>"s,
							 "back\\slash <a@b.example>"s,
							 "[x] <a@b.example>"s,
							 "x: <a@b.example>"s,
							 "<c@d.example> <a@b.example>"s,
							 "a@b.example\0"s,
							 "\xFF <a@b.example>"s,
							 "a@b.example\xC3"s,
							 "\"a b\"@c.example"s,
							 "a@[127.0.0.1]"s,
							 "a@b.example SIZE=1"s,
							 "a@b..example"s}) {
		EXPECT_EQ(parsed(text), "none") << testing::PrintToString(text);
	}
}

TEST(MailAddress, SaysWhatIsWrongWithTheAddress)
{
	EXPECT_EQ(describe_mailbox_fault("shop"), "It has no \"@\".");
	EXPECT_EQ(describe_mailbox_fault(" Shop <shop> "), "It has no \"@\".");
	EXPECT_TRUE(describe_mailbox_fault("<a@b>").starts_with("Its domain must be two or more labels"));
	EXPECT_NE(describe_mailbox_fault("<>"), "");
	EXPECT_EQ(describe_mailbox_fault("Shop <a@b.example"), "");
	EXPECT_EQ(describe_mailbox_fault("a@b.example, c@d.example"), "");
	EXPECT_EQ(describe_mailbox_fault("Shop (Sales) <a@b.example>"), "");
}

TEST(MailAddress, FindsTheNameThatLacksQuotes)
{
	EXPECT_EQ(find_quoted_mailbox(" Shop (Sales) <a@b.example>"), "\"Shop (Sales)\" <a@b.example>");
	EXPECT_EQ(find_quoted_mailbox("The \"Shop\", Inc. <a@b.example>"), "\"The \\\"Shop\\\", Inc.\" <a@b.example>");
	EXPECT_EQ(find_quoted_mailbox("Shop (Sales) <a@b>"), std::nullopt);
	EXPECT_EQ(find_quoted_mailbox("shop"), std::nullopt);
	EXPECT_EQ(find_quoted_mailbox(""), std::nullopt);
}

TEST(MailAddress, RefusesControlCharactersAnywhere)
{
	for (auto const &control : {"\r\n"s, "\n"s, "\r"s, "\t"s, "\0"s, "\x1B"s, "\x7F"s, "\xC2\x85"s, "\xE2\x80\xA8"s}) {
		EXPECT_EQ(parsed("Na" + control + "me <a@b.example>"), "none") << testing::PrintToString(control);
		EXPECT_EQ(parsed("\"Na" + control + "me\" <a@b.example>"), "none");
		EXPECT_EQ(parsed("Name <a@b" + control + ".example>"), "none");
		EXPECT_EQ(parsed("a" + control + "@b.example"), "none");
		EXPECT_EQ(made("Name", "a" + control + "b@c.example"), "none");
		EXPECT_EQ(made("Name", "a@b.example" + control), "none");
		EXPECT_EQ(made("Name", control + "a@b.example"), "none");
	}
	EXPECT_EQ(parsed("a@b.example\r\nRCPT TO:<c@d.example>"), "none");
	EXPECT_EQ(parsed("a@b.example>\r\nRCPT TO:<c@d.example"), "none");
}

TEST(MailAddress, RefusesWhatLooksLikeAnEncodedWord)
{
	// Each is a local part by the rules, but some readers decode it, and then it is somebody else's address.
	for (auto const *const address : {"=?UTF-8?Q?a=40b.example=3E?=@c.example", "x=?@c.example", "=?x@c.example"}) {
		EXPECT_EQ(made("", address), "none");
		EXPECT_EQ(parsed(address), "none");
	}
	EXPECT_EQ(parsed("a=b?c?=@d.example"), "|a=b?c?=@d.example");
}

TEST(MailAddress, TakesAnyBytesForAName)
{
	EXPECT_EQ(made("x\r\nBcc: c@d.example", "a@b.example"), "x  Bcc: c@d.example|a@b.example");
	EXPECT_EQ(made(" \xFF\0 "s, "a@b.example"), "\xEF\xBF\xBD\xEF\xBF\xBD|a@b.example");
	EXPECT_EQ(made(std::string(200, 'x'), "a@b.example"), std::string(200, 'x') + "|a@b.example");
	EXPECT_EQ(made(std::string(201, 'x'), "a@b.example"), std::string(200, 'x') + "...|a@b.example");
}

TEST(MailAddress, WritesDomainsInAscii)
{
	EXPECT_EQ(made("", "a@b\xC3\xBC\x63her.example"), "|a@xn--bcher-kva.example");
	EXPECT_EQ(made("", "a@EXAMPLE.com"), "|a@EXAMPLE.com");
	EXPECT_EQ(made("", "a@-\xC3\xA9.example"), "none");
	// Of the letters that mapping makes several of, none makes another address.
	EXPECT_EQ(made("", "a@b.c\xE2\x84\x80"), "none"); // U+2100 is "a/c"
	EXPECT_FALSE(Mailbox::make("", "a@b\xC3\xBC\x63her.example")->needs_smtputf8());
	auto const foreign = Mailbox::make("", "j\xC3\xBCrgen@b\xC3\xBC\x63her.example");
	EXPECT_EQ(foreign->address(), "j\xC3\xBCrgen@xn--bcher-kva.example");
	EXPECT_TRUE(foreign->needs_smtputf8());
	EXPECT_EQ(to_header_pieces(*foreign), std::vector<std::string>{"j\xC3\xBCrgen@xn--bcher-kva.example"});
}

TEST(MailAddress, ReadsTheSameInAHeader)
{
	for (auto const &name :
		 {""s, "Name"s, "Name, Inc."s, R"(a "b" \ c)"s, "<c@d.example>"s, "a@b.example, c@d.example"s, "x  y"s,
		  "=?UTF-8?Q?x?="s, "=?"s, "J\xC3\xBCrgen \"\xE4\xB8\xAD\xE6\x96\x87\" M\xC3\xBCller"s, std::string(60, '"'),
		  std::string(61, '"'), std::string(200, 'x'), "(x) [y] ; : ."s, "\xF0\x9F\x98\x80"s, "\xEF\xBF\xBD"s}) {
		EXPECT_EQ(read_back(name, "a@b.example"), (PlainMailbox{name, "a@b.example"})) << name;
	}
	EXPECT_EQ(read_back("x\r\nTo: y", "a@b.example").name, "x  To: y");
	EXPECT_EQ(to_header_pieces(*Mailbox::make("N", "a@b.example")),
			  (std::vector<std::string>{"\"N\"", "<a@b.example>"}));
	EXPECT_EQ(to_header_pieces(*Mailbox::make("", "a@b.example")), std::vector<std::string>{"a@b.example"});
}

TEST(Idn, LeavesAsciiAlone)
{
	for (auto const *const domain : {"example.com", "EXAMPLE.Com", "xn--bcher-kva.example", "a_b.c", ""}) {
		EXPECT_EQ(to_ascii_domain(domain), domain);
	}
}

TEST(Idn, WritesLabelsBeyondAsciiAsALabels)
{
	EXPECT_EQ(to_ascii_domain("b\xC3\xBC\x63her.example"), "xn--bcher-kva.example");
	EXPECT_EQ(to_ascii_domain("B\xC3\x9C\x43HER.Example"), "xn--bcher-kva.example");
	EXPECT_EQ(to_ascii_domain("bu\xCC\x88\x63her.example"), "xn--bcher-kva.example"); // a composed letter
	EXPECT_EQ(to_ascii_domain("stra\xC3\x9F\x65.de"), "xn--strae-oqa.de");			  // not strasse.de
	EXPECT_EQ(to_ascii_domain("\xE4\xBE\x8B\xE3\x81\x88.jp"), "xn--r8jz45g.jp");
}

TEST(Idn, GivesNothingForWhatIsNoDomain)
{
	EXPECT_EQ(to_ascii_domain("\xE2\x98\x83\xE2\x80\x8B\xFF.com"), std::nullopt); // not UTF-8
	EXPECT_EQ(to_ascii_domain("-\xC3\xA9-.com"), std::nullopt);
	EXPECT_EQ(to_ascii_domain("\xCC\x88\x61.com"), std::nullopt); // begins with a combining mark
	std::string too_long;
	for (int i = 0; i < 63; ++i) {
		too_long += "\xC3\xA9";
	}
	EXPECT_EQ(to_ascii_domain(too_long + ".com"), std::nullopt);
}

} // namespace vero
