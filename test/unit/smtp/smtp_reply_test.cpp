// Replies of SMTP servers, however they are cut, and what is made of them.
#include "core/smtp/smtp_reply.hpp"

#include <gtest/gtest.h>
#include <initializer_list>
#include <limits>

namespace vero {
namespace {

std::vector<std::string> read_all(SmtpReplyReader &reader)
{
	std::vector<std::string> replies;
	while (auto const reply = reader.take()) {
		replies.push_back(to_words(*reply));
	}
	return replies;
}

TEST(SmtpReply, IsOneLineOrSeveral)
{
	SmtpReplyReader reader;
	reader.feed("250 2.1.5 Ok\r\n250-mail.test\r\n250-SIZE 100\r\n250 HELP\r\n354\r\n");
	EXPECT_EQ(read_all(reader), (std::vector<std::string>{"250 2.1.5 Ok", "250 mail.test SIZE 100 HELP", "354"}));
	EXPECT_FALSE(reader.is_broken());
}

TEST(SmtpReply, MayComeByteForByte)
{
	SmtpReplyReader reader;
	std::vector<std::string> replies;
	for (char const c : std::string("550-No\r\n550 such user\r\n")) {
		reader.feed({&c, 1});
		for (auto &reply : read_all(reader)) {
			replies.push_back(std::move(reply));
		}
	}
	EXPECT_EQ(replies, std::vector<std::string>{"550 No such user"});
}

TEST(SmtpReply, IsAboutSizeWhereItsEnhancedCodeOrElseItsCodeSaysSo)
{
	for (SmtpReply const &reply : std::vector<SmtpReply>{{552, ""},
														 {552, "Message size exceeds maximum permitted"},
														 {552, "5.3.4 too big"},
														 {552, "5.2.3"},
														 {554, "5.3.4 too big"},
														 {552, "10.240.000 bytes"}}) {
		EXPECT_TRUE(reply.is_about_size()) << to_words(reply);
	}
	for (SmtpReply const &reply : std::vector<SmtpReply>{{552, "5.2.2 mailbox full"},
														 {552, "5.7.0 not that"},
														 {554, "too big"},
														 {452, "4.3.1 no room"},
														 {452, "5.3.4"},
														 {250, "5.3.4"}}) {
		EXPECT_FALSE(reply.is_about_size()) << to_words(reply);
	}
}

TEST(SmtpReply, HasTextThatCanBeStored)
{
	SmtpReplyReader reader;
	reader.feed(std::string("550 a\0b\x01 \xFF\xC3\xBC\n", 13));
	auto const replies = read_all(reader);
	ASSERT_EQ(replies.size(), 1U);
	EXPECT_EQ(replies[0], "550 a\xEF\xBF\xBD"
						  "b  \xEF\xBF\xBD\xC3\xBC");
	reader.feed("550 " + std::string(3000, 'x') + "\r\n");
	EXPECT_EQ(reader.take()->text.size(), 500 + std::string_view("\xE2\x80\xA6").size());
}

TEST(SmtpReply, IsNothingElse)
{
	for (std::string const bytes : {"SSH-2.0-OpenSSH\r\n", "\r\n", "25\r\n", "250_ok\r\n", "650 ok\r\n", "150 ok\r\n",
									"2x0 ok\r\n", "250-a\r\n251 b\r\n"}) {
		SmtpReplyReader reader;
		reader.feed(bytes);
		EXPECT_FALSE(reader.take()) << bytes;
		EXPECT_TRUE(reader.is_broken()) << bytes;
	}
}

TEST(SmtpReply, EndsSomeDay)
{
	SmtpReplyReader line;
	line.feed(std::string(5000, '2'));
	EXPECT_FALSE(line.take());
	EXPECT_TRUE(line.is_broken());
	SmtpReplyReader lines;
	for (int i = 0; i < 100'000 && !lines.is_broken(); ++i) {
		lines.feed("250-and so on\r\n");
		EXPECT_FALSE(lines.take());
	}
	EXPECT_TRUE(lines.is_broken());
}

TEST(SmtpReply, EndsAtItsLimitsAndNotBefore)
{
	auto const text_of = [](std::size_t size) {
		SmtpReplyReader reader;
		reader.feed("550 " + std::string(size, 'x') + "\r\n");
		return reader.take()->text;
	};
	EXPECT_EQ(text_of(500), std::string(500, 'x'));
	EXPECT_EQ(text_of(501), std::string(500, 'x') + "...");
	auto const is_broken_behind = [](std::size_t bytes) {
		SmtpReplyReader reader;
		reader.feed(std::string(bytes, '2'));
		EXPECT_FALSE(reader.take());
		return reader.is_broken();
	};
	EXPECT_FALSE(is_broken_behind(4096));
	EXPECT_TRUE(is_broken_behind(4097));
	auto const is_reply_of = [](int lines) {
		SmtpReplyReader reader;
		for (int i = 1; i < lines; ++i)
			reader.feed("250-and so on\r\n");
		reader.feed("250 end\r\n");
		return reader.take().has_value();
	};
	EXPECT_TRUE(is_reply_of(1000));
	EXPECT_FALSE(is_reply_of(1001));
}

constexpr SmtpStage kStages[] = {SmtpStage::connect, SmtpStage::mail_from, SmtpStage::rcpt_to,
								 SmtpStage::data,	 SmtpStage::body,	   SmtpStage::body_sent};

SmtpAbilities after(std::initializer_list<std::string_view> lines)
{
	SmtpAbilities abilities;
	for (std::string_view const line : lines) {
		abilities.note_line(line);
	}
	return abilities;
}

TEST(SmtpAbilities, AreWhatTheServerNames)
{
	EXPECT_EQ(after({}), SmtpAbilities{});
	EXPECT_EQ(after({"250-mx.example", "250 8BITMIME\r\n"}), SmtpAbilities{});
	EXPECT_EQ(after({"220 mx.example\r\n", "250-mx.example\r\n", "250-PIPELINING\r\n", "250-size 35882577\r\n",
					 "250-AUTH PLAIN LOGIN\r\n", "250 SmtpUtf8\r\n"}),
			  (SmtpAbilities{true, true, true, 35'882'577}));
	EXPECT_TRUE(after({"250 AUTH=PLAIN"}).has_auth);
}

TEST(SmtpAbilities, AreNamedByWholeWords)
{
	EXPECT_EQ(after({"250-AUTHOR", "250-PIPELININGS", "250-SMTPUTF", "250 XSIZE 5"}), SmtpAbilities{});
	EXPECT_EQ(after({"550 AUTH", "25", "250", "250 "}), SmtpAbilities{});
}

TEST(SmtpAbilities, HaveASizeThatMayBeUnlimited)
{
	EXPECT_EQ(after({"250 SIZE"}).max_size, 0U);
	EXPECT_EQ(after({"250 SIZE 0"}).max_size, 0U);
	EXPECT_EQ(after({"250 SIZE many"}).max_size, 0U);
	EXPECT_EQ(after({"250 SIZE 99999999999999999999999"}).max_size, std::numeric_limits<std::uint64_t>::max());
}

TEST(SmtpAbilities, SaidBeforeTlsDoNotCount)
{
	EXPECT_EQ(after({"250-PIPELINING", "250 AUTH PLAIN", "220 go ahead", "250 SIZE 7"}).has_auth, false);
	EXPECT_EQ(after({"250-PIPELINING", "250 AUTH PLAIN", "220 go ahead", "250 SIZE 7"}).max_size, 7U);
}

TEST(SmtpResult, IsUncertainOnlyBetweenTheFinalDotAndItsReply)
{
	EXPECT_EQ(classify(SmtpStage::body_sent, 354), SmtpResult::uncertain);
	EXPECT_EQ(classify(SmtpStage::body_sent, 0), SmtpResult::uncertain);
	EXPECT_EQ(classify(SmtpStage::body, 354), SmtpResult::retry);
	EXPECT_EQ(classify(SmtpStage::body, 0), SmtpResult::retry);
}

TEST(SmtpResult, BlamesTheServerForWhatConcernsTheSession)
{
	for (auto const stage : kStages) {
		for (int const reply : {421, 454, 530, 534, 535, 538}) {
			EXPECT_EQ(classify(stage, reply), SmtpResult::relay_down) << reply;
		}
	}
	for (int const reply : {0, 220, 250, 334, 450, 451, 500, 550, 554}) {
		EXPECT_EQ(classify(SmtpStage::connect, reply), SmtpResult::relay_down) << reply;
	}
	for (int const reply : {0, 250, 451, 452, 503, 554}) {
		EXPECT_EQ(classify(SmtpStage::mail_from, reply), SmtpResult::relay_down) << reply;
	}
	for (auto const stage : {SmtpStage::rcpt_to, SmtpStage::data}) {
		EXPECT_EQ(classify(stage, 0), SmtpResult::relay_down);
		EXPECT_EQ(classify(stage, 250), SmtpResult::relay_down);
	}
}

TEST(SmtpResult, TellsLaterFromNever)
{
	EXPECT_EQ(classify(SmtpStage::mail_from, 450), SmtpResult::retry);
	for (int const reply : {501, 550, 552, 553, 555}) {
		EXPECT_EQ(classify(SmtpStage::mail_from, reply), SmtpResult::failed) << reply;
	}
	for (auto const stage : {SmtpStage::rcpt_to, SmtpStage::data, SmtpStage::body, SmtpStage::body_sent}) {
		for (int const reply : {450, 451, 452}) {
			EXPECT_EQ(classify(stage, reply), SmtpResult::retry) << reply;
		}
		for (int const reply : {500, 550, 551, 552, 553, 554}) {
			EXPECT_EQ(classify(stage, reply), SmtpResult::failed) << reply;
		}
	}
}

} // namespace
} // namespace vero
