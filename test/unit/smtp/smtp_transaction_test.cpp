// One message handed to an SMTP server: what is said, and what the answers mean.
#include "core/smtp/smtp_transaction.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

using Begin = SmtpTransaction::Begin;

constexpr SmtpAbilities kPipelining{true, true, true, std::nullopt};

SmtpMail mail_to(std::vector<std::string> to)
{
	return {"shop@example.com", std::move(to), "Subject: x\r\n\r\n.Hello\r\n", false};
}

/// What it sends now, all of it.
std::string said(SmtpTransaction &transaction)
{
	std::string const bytes(transaction.to_send());
	transaction.note_sent(bytes.size());
	return bytes;
}

void answer(SmtpTransaction &transaction, std::vector<int> const &codes)
{
	for (int const code : codes) {
		transaction.note_reply({code, "because"});
	}
}

TEST(SmtpTransaction, SaysOneCommandAtATime)
{
	SmtpTransaction transaction(mail_to({"a@b.example", "c@d.example"}), {}, Begin::clean);
	EXPECT_EQ(said(transaction), "MAIL FROM:<shop@example.com>\r\n");
	EXPECT_EQ(said(transaction), "");
	answer(transaction, {250});
	EXPECT_EQ(said(transaction), "RCPT TO:<a@b.example>\r\n");
	answer(transaction, {250});
	EXPECT_EQ(said(transaction), "RCPT TO:<c@d.example>\r\n");
	answer(transaction, {251});
	EXPECT_EQ(said(transaction), "DATA\r\n");
	answer(transaction, {354});
	EXPECT_EQ(said(transaction), "Subject: x\r\n\r\n..Hello\r\n.\r\n");
	EXPECT_FALSE(transaction.is_over());
	answer(transaction, {250});
	EXPECT_TRUE(transaction.is_over());
	EXPECT_TRUE(transaction.is_connection_usable());
	EXPECT_EQ(transaction.left_as(), Begin::clean);
	EXPECT_EQ(transaction.verdict().result, SmtpResult::sent);
	EXPECT_EQ(transaction.verdict().words, "250 because");
	EXPECT_EQ(transaction.verdict().accepted, (std::vector<std::string>{"a@b.example", "c@d.example"}));
}

TEST(SmtpTransaction, BeginsOnceTheConnectionIsClear)
{
	SmtpTransaction transaction(mail_to({"a@b.example"}), {}, Begin::after_unfinished);
	EXPECT_EQ(said(transaction), "RSET\r\n");
	EXPECT_FALSE(transaction.has_begun());
	answer(transaction, {250});
	EXPECT_EQ(said(transaction), "MAIL FROM:<shop@example.com>\r\n");
	EXPECT_TRUE(transaction.has_begun());
	EXPECT_TRUE(SmtpTransaction(mail_to({"a@b.example"}), kPipelining, Begin::after_unfinished).has_begun());
}

TEST(SmtpTransaction, SaysAllAtOnceWhereItMay)
{
	SmtpTransaction transaction(mail_to({"a@b.example"}), kPipelining, Begin::after_unfinished);
	EXPECT_EQ(said(transaction), "RSET\r\nMAIL FROM:<shop@example.com>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n");
	answer(transaction, {250, 250, 250, 354});
	EXPECT_EQ(said(transaction), "Subject: x\r\n\r\n..Hello\r\n.\r\n");
	answer(transaction, {250});
	EXPECT_EQ(transaction.verdict().result, SmtpResult::sent);
}

TEST(SmtpTransaction, SendsOnlyADotWhereNobodyIsLeft)
{
	SmtpTransaction transaction(mail_to({"a@b.example"}), kPipelining, Begin::clean);
	(void)said(transaction);
	answer(transaction, {250, 550, 354});
	EXPECT_EQ(said(transaction), ".\r\n");
	answer(transaction, {554});
	EXPECT_TRUE(transaction.is_over());
	EXPECT_EQ(transaction.verdict().result, SmtpResult::failed);
	EXPECT_EQ(transaction.verdict().words, "550 because");
}

TEST(SmtpTransaction, BlamesNoRecipientForItsSender)
{
	SmtpTransaction transaction(mail_to({"a@b.example"}), kPipelining, Begin::clean);
	(void)said(transaction);
	answer(transaction, {450, 503, 503});
	EXPECT_EQ(transaction.verdict().result, SmtpResult::retry);
	EXPECT_EQ(transaction.verdict().words, "450 because");
	EXPECT_TRUE(transaction.verdict().refused.empty());
}

TEST(SmtpTransaction, IsDecidedOnceEverybodyIsRefused)
{
	for (bool const is_told : {false, true}) {
		SmtpTransaction transaction(mail_to({"a@b.example"}), kPipelining, Begin::clean);
		(void)said(transaction);
		answer(transaction, {250, 550});
		is_told ? transaction.note_reply({421, "bye"}) : transaction.note_lost("gone");
		EXPECT_EQ(transaction.verdict().result, SmtpResult::failed);
		EXPECT_EQ(transaction.verdict().words, "550 because");
		EXPECT_FALSE(transaction.is_connection_usable());
	}
}

struct Fate {
	std::vector<int> codes;
	SmtpResult result;
	std::string words;
	std::size_t accepted;
	std::size_t refused;
};

TEST(SmtpTransaction, EndsAsTheServerSays)
{
	std::vector<std::string> const both{"a@b.example", "c@d.example"};
	for (Fate const &fate : std::vector<Fate>{
			 {{550}, SmtpResult::failed, "550 because", 0, 2},	   // the sender
			 {{450}, SmtpResult::retry, "450 because", 0, 0},	   // the sender, for now
			 {{530}, SmtpResult::relay_down, "530 because", 0, 0}, // the session
			 {{250, 550, 550}, SmtpResult::failed, "c@d.example: 550 because", 0, 2},
			 {{250, 550, 450}, SmtpResult::retry, "c@d.example: 450 because", 0, 1},
			 {{250, 450, 550}, SmtpResult::retry, "a@b.example: 450 because", 0, 1},
			 {{250, 250, 550, 354, 250}, SmtpResult::sent, "c@d.example: 550 because", 1, 1},
			 {{250, 450, 250, 354, 250}, SmtpResult::retry, "a@b.example: 450 because", 1, 0},
			 {{250, 250, 250, 354, 250}, SmtpResult::sent, "250 because", 2, 0},
			 {{250, 250, 250, 354, 554}, SmtpResult::failed, "554 because", 0, 2},
			 {{250, 250, 250, 354, 452}, SmtpResult::retry, "452 because", 0, 0},
			 {{250, 550, 250, 354, 452}, SmtpResult::retry, "452 because", 0, 1},
			 {{250, 250, 250, 554}, SmtpResult::failed, "554 because", 0, 2},
			 {{250, 250, 250, 451}, SmtpResult::retry, "451 because", 0, 0},
			 {{250, 421}, SmtpResult::relay_down, "421 because", 0, 0},
		 }) {
		SmtpTransaction transaction(mail_to(both), {}, Begin::clean);
		for (int const code : fate.codes) {
			EXPECT_FALSE(transaction.is_over());
			(void)said(transaction);
			answer(transaction, {code});
		}
		EXPECT_TRUE(transaction.is_over());
		EXPECT_EQ(transaction.verdict().result, fate.result) << fate.words;
		EXPECT_EQ(transaction.verdict().words, fate.words);
		EXPECT_EQ(transaction.verdict().accepted.size(), fate.accepted) << fate.words;
		EXPECT_EQ(transaction.verdict().refused.size(), fate.refused) << fate.words;
		EXPECT_EQ(transaction.is_connection_usable(), fate.codes.back() != 421);
	}
}

TEST(SmtpTransaction, KnowsWhatALostConnectionMeans)
{
	struct Loss {
		std::vector<int> codes;
		SmtpResult result;
		bool is_untouched;
	};
	for (Loss const &loss : std::vector<Loss>{{{}, SmtpResult::relay_down, true},
											  {{250}, SmtpResult::relay_down, false},
											  {{250, 250}, SmtpResult::relay_down, false},
											  {{250, 250, 354}, SmtpResult::uncertain, false}}) {
		SmtpTransaction transaction(mail_to({"a@b.example"}), {}, Begin::clean);
		(void)said(transaction);
		for (int const code : loss.codes) {
			answer(transaction, {code});
			(void)said(transaction);
		}
		transaction.note_lost("gone");
		EXPECT_EQ(transaction.verdict().result, loss.result);
		EXPECT_EQ(transaction.verdict().words, "gone");
		EXPECT_EQ(transaction.is_untouched(), loss.is_untouched);
		EXPECT_FALSE(transaction.is_connection_usable());
	}
	SmtpTransaction amid(mail_to({"a@b.example"}), {}, Begin::clean);
	(void)said(amid);
	answer(amid, {250, 250, 354});
	amid.note_sent(5);
	amid.note_lost("gone");
	EXPECT_EQ(amid.verdict().result, SmtpResult::retry);
}

TEST(SmtpTransaction, IsUntouchedWhereTheServerOnlyLeaves)
{
	SmtpTransaction transaction(mail_to({"a@b.example"}), kPipelining, Begin::clean);
	answer(transaction, {421});
	EXPECT_TRUE(transaction.is_untouched());
	EXPECT_EQ(transaction.take_mail().to, std::vector<std::string>{"a@b.example"});
}

TEST(SmtpTransaction, SendsNothingThatTheServerCannotTake)
{
	SmtpMail mail = mail_to({"j\xC3\xB6rg@b.example"});
	mail.needs_smtputf8 = true;
	SmtpTransaction refused(mail, {}, Begin::clean);
	EXPECT_TRUE(refused.is_over());
	EXPECT_EQ(refused.verdict().result, SmtpResult::failed);
	EXPECT_EQ(refused.verdict().refused, mail.to);
	EXPECT_EQ(refused.to_send(), "");
	SmtpTransaction taken(mail, kPipelining, Begin::clean);
	EXPECT_TRUE(said(taken).starts_with("MAIL FROM:<shop@example.com> SMTPUTF8\r\n"));
}

TEST(SmtpTransaction, LeavesWhatItFoundWhereItSaysNothing)
{
	SmtpMail mail = mail_to({"j\xC3\xB6rg@b.example"});
	mail.needs_smtputf8 = true;
	for (Begin const begin : {Begin::clean, Begin::after_unfinished}) {
		SmtpTransaction const refused(mail, {}, begin);
		EXPECT_TRUE(refused.is_connection_usable());
		EXPECT_EQ(refused.left_as(), begin);
	}
}

SmtpAbilities taking(std::uint64_t bytes)
{
	SmtpAbilities abilities;
	abilities.max_size = bytes;
	return abilities;
}

TEST(SmtpTransaction, SaysTheSizeToAServerThatWantsToKnow)
{
	for (std::uint64_t const limit : {0, 22, 1000}) {
		SmtpTransaction transaction(mail_to({"a@b.example"}), taking(limit), Begin::clean);
		EXPECT_EQ(said(transaction), "MAIL FROM:<shop@example.com> SIZE=22\r\n") << limit;
	}
}

TEST(SmtpTransaction, KeepsAMessageThatTheServerSaysIsTooLarge)
{
	SmtpTransaction transaction(mail_to({"a@b.example"}), taking(21), Begin::after_unfinished);
	EXPECT_TRUE(transaction.is_over());
	EXPECT_TRUE(transaction.is_connection_usable());
	EXPECT_EQ(transaction.left_as(), Begin::after_unfinished);
	EXPECT_EQ(transaction.to_send(), "");
	SmtpVerdict const &verdict = transaction.verdict();
	EXPECT_EQ(verdict.result, SmtpResult::failed);
	EXPECT_EQ(verdict.words, "the message is too large: it has 22 bytes, and the server takes 21 at most (SIZE)");
	EXPECT_EQ(verdict.refused, std::vector<std::string>{"a@b.example"});
	EXPECT_EQ(verdict.too_large, verdict.refused);
}

TEST(SmtpTransaction, KnowsForWhomItIsTooLarge)
{
	struct Refusal {
		std::vector<SmtpReply> replies;
		std::vector<std::string> refused;
		std::vector<std::string> too_large;
	};
	SmtpReply const ok{250, "ok"}, go{354, "go"};
	std::vector<std::string> const both{"a@b.example", "c@d.example"}, second{"c@d.example"}, none;
	for (Refusal const &refusal : std::vector<Refusal>{
			 {{{552, "5.3.4 too big"}}, both, both},
			 {{{552, "too big"}}, both, both},
			 {{{554, "5.3.4 too big"}}, both, both},
			 {{{552, "5.7.0 not that"}}, both, none},
			 {{{452, "4.3.1 no room"}}, none, none},
			 {{ok, ok, ok, {552, "5.3.4 too big"}}, both, both},
			 {{ok, ok, ok, go, {552, "5.2.3 too big"}}, both, both},
			 {{ok, ok, ok, go, {552, "5.2.2 mailbox full"}}, both, none},
			 {{ok, ok, ok, go, {554, "5.7.1 spam, 5.3.4 or 552"}}, both, none},
			 {{ok, ok, {552, "5.2.3 too big for her"}, go, ok}, second, second},
			 {{ok, ok, {552, "5.2.2 her mailbox is full"}, go, ok}, second, none},
			 {{ok, {550, "5.1.1 nobody"}, {552, "5.2.3 too big for her"}}, both, second},
			 {{ok, {550, "5.1.1 nobody"}, ok, go, {552, "5.3.4 too big"}}, both, second},
		 }) {
		SmtpTransaction transaction(mail_to(both), {}, Begin::clean);
		for (SmtpReply const &reply : refusal.replies) {
			EXPECT_FALSE(transaction.is_over());
			(void)said(transaction);
			transaction.note_reply(reply);
		}
		EXPECT_TRUE(transaction.is_over());
		EXPECT_EQ(transaction.verdict().refused, refusal.refused) << to_words(refusal.replies.back());
		EXPECT_EQ(transaction.verdict().too_large, refusal.too_large) << to_words(refusal.replies.back());
	}
}

TEST(SmtpData, HasDotsDoubledAndEndsInOne)
{
	EXPECT_EQ(to_smtp_data(""), ".\r\n");
	EXPECT_EQ(to_smtp_data("."), "..\r\n.\r\n");
	EXPECT_EQ(to_smtp_data(".\r\n.a\r\nb.\r\n\r\n"), "..\r\n..a\r\nb.\r\n\r\n.\r\n");
}

} // namespace
} // namespace vero
