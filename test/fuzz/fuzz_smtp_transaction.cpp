// A server may answer anything: the transaction ends, says only what SMTP lets it say, and its verdict holds together.
#include "core/smtp/smtp_transaction.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace vero;

namespace {

void require(bool condition)
{
	if (!condition) {
		std::abort();
	}
}

void check_verdict(SmtpTransaction const &transaction, std::vector<std::string> const &to)
{
	SmtpVerdict const &verdict = transaction.verdict();
	for (auto const *list : {&verdict.accepted, &verdict.refused}) {
		for (auto const &address : *list) {
			require(std::count(to.begin(), to.end(), address) == 1);
		}
	}
	require(verdict.accepted.size() + verdict.refused.size() <= to.size());
	for (auto const &address : verdict.too_large) {
		require(std::count(verdict.refused.begin(), verdict.refused.end(), address) == 1);
	}
	require(!verdict.words.empty());
	bool const is_settled = verdict.accepted.size() + verdict.refused.size() == to.size();
	require((verdict.result == SmtpResult::sent) == (is_settled && !verdict.accepted.empty()));
	require((verdict.result == SmtpResult::failed) == (is_settled && verdict.accepted.empty()));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 2) {
		return 0;
	}
	std::vector<std::string> const to{"a@example.com", "b@example.com", "c@example.com"};
	std::size_t const recipients = 1 + data[0] % 3;
	SmtpMail mail{"s@example.com", {to.begin(), to.begin() + static_cast<long>(recipients)}, ".\r\n.\r\n", false};
	SmtpAbilities abilities;
	abilities.has_pipelining = (data[0] & 4U) != 0;
	if ((data[0] & 16U) != 0) {
		abilities.max_size = data[0] >> 5U; // the message has 6 bytes
	}
	auto const begin = (data[0] & 8U) != 0 ? SmtpTransaction::Begin::after_unfinished : SmtpTransaction::Begin::clean;
	std::size_t const at_once = 1 + data[1];
	SmtpTransaction transaction(mail, abilities, begin);
	SmtpReplyReader reader;
	std::string_view bytes(reinterpret_cast<char const *>(data) + 2, size - 2);
	std::size_t said = 0;
	while (!bytes.empty() && !transaction.is_over() && !reader.is_broken()) {
		std::size_t const sent = std::min(transaction.to_send().size(), at_once);
		said += sent;
		transaction.note_sent(sent);
		reader.feed(bytes.substr(0, at_once));
		bytes.remove_prefix(std::min(at_once, bytes.size()));
		while (auto const reply = reader.take()) {
			transaction.note_reply(*reply);
		}
	}
	transaction.note_lost("the end");
	require(transaction.is_over());
	require(said < 300);
	check_verdict(transaction, mail.to);
	return 0;
}
