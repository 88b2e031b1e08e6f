// Checks what is made of an SMTP server's answers.
#include "core/smtp/smtp_result.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

constexpr SmtpStage kStages[] = {SmtpStage::connect, SmtpStage::mail_from, SmtpStage::rcpt_to,
								 SmtpStage::data,	 SmtpStage::body,	   SmtpStage::body_sent};

} // namespace

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

} // namespace vero
