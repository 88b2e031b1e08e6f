// Checks what is made of an SMTP server's answers.
#include "core/smtp/smtp_result.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

SmtpResult after(SmtpStage stage, int last_reply)
{
	return classify({.is_complete = false, .last_reply = last_reply, .stage = stage});
}

constexpr SmtpStage kStages[] = {SmtpStage::connect, SmtpStage::authenticate, SmtpStage::mail_from, SmtpStage::rcpt_to,
								 SmtpStage::data,	 SmtpStage::body,		  SmtpStage::body_sent};

} // namespace

TEST(SmtpResult, HasNames)
{
	EXPECT_EQ(name_of(SmtpResult::sent), "sent");
	EXPECT_EQ(name_of(SmtpResult::retry), "retry");
	EXPECT_EQ(name_of(SmtpResult::failed), "failed");
	EXPECT_EQ(name_of(SmtpResult::relay_down), "relay_down");
	EXPECT_EQ(name_of(SmtpResult::uncertain), "uncertain");
}

TEST(SmtpResult, IsSentOnceTheServerHasSaidSo)
{
	for (auto const stage : kStages) {
		for (int const reply : {0, 250, 354, 421, 451, 550}) {
			EXPECT_EQ(classify({.is_complete = true, .last_reply = reply, .stage = stage}), SmtpResult::sent);
		}
	}
	// The connection was lost behind the reply.
	EXPECT_EQ(after(SmtpStage::body_sent, 250), SmtpResult::sent);
	// A good reply before that says nothing about the message.
	for (auto const stage : kStages) {
		if (stage != SmtpStage::body_sent) {
			EXPECT_NE(after(stage, 250), SmtpResult::sent);
		}
	}
}

TEST(SmtpResult, IsUncertainOnlyBetweenTheFinalDotAndItsReply)
{
	EXPECT_EQ(after(SmtpStage::body_sent, 354), SmtpResult::uncertain);
	EXPECT_EQ(after(SmtpStage::body_sent, 0), SmtpResult::uncertain);
	EXPECT_EQ(after(SmtpStage::body, 354), SmtpResult::retry);
	EXPECT_EQ(after(SmtpStage::body, 0), SmtpResult::retry);
}

TEST(SmtpResult, BlamesTheServerForWhatConcernsTheSession)
{
	for (auto const stage : kStages) {
		for (int const reply : {421, 454, 530, 534, 535, 538}) {
			EXPECT_EQ(after(stage, reply), SmtpResult::relay_down) << reply;
		}
	}
	for (int const reply : {0, 220, 250, 334, 450, 451, 500, 550, 554}) {
		EXPECT_EQ(after(SmtpStage::connect, reply), SmtpResult::relay_down) << reply;
		EXPECT_EQ(after(SmtpStage::authenticate, reply), SmtpResult::relay_down) << reply;
	}
	for (int const reply : {0, 250, 451, 452, 503, 554}) {
		EXPECT_EQ(after(SmtpStage::mail_from, reply), SmtpResult::relay_down) << reply;
	}
	for (auto const stage : {SmtpStage::rcpt_to, SmtpStage::data}) {
		EXPECT_EQ(after(stage, 0), SmtpResult::relay_down);
		EXPECT_EQ(after(stage, 250), SmtpResult::relay_down);
	}
}

TEST(SmtpResult, TellsLaterFromNever)
{
	EXPECT_EQ(after(SmtpStage::mail_from, 450), SmtpResult::retry);
	for (int const reply : {501, 550, 552, 553, 555}) {
		EXPECT_EQ(after(SmtpStage::mail_from, reply), SmtpResult::failed) << reply;
	}
	for (auto const stage : {SmtpStage::rcpt_to, SmtpStage::data, SmtpStage::body, SmtpStage::body_sent}) {
		for (int const reply : {450, 451, 452}) {
			EXPECT_EQ(after(stage, reply), SmtpResult::retry) << reply;
		}
		for (int const reply : {500, 550, 551, 552, 553, 554}) {
			EXPECT_EQ(after(stage, reply), SmtpResult::failed) << reply;
		}
	}
}

} // namespace vero
