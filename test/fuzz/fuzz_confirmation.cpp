// Fuzzes confirmations: whatever came from outside, they have the lines, elements and commands that harmless values give.
#include "core/report/confirmation.hpp"
#include "support/plain_html.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using vero::ImportOutcome;
using vero::ImportReading;

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

/// Takes values off the input; zero and nothing where it is at its end.
class Input {
public:
	explicit Input(std::string_view bytes) : bytes_(bytes) {}

	std::string text(std::size_t size)
	{
		std::string text(bytes_.substr(0, size));
		bytes_.remove_prefix(text.size());
		return text;
	}

	unsigned byte()
	{
		auto const taken = text(1);
		return taken.empty() ? 0 : static_cast<unsigned char>(taken[0]);
	}

	std::string text() { return text(byte()); }

	/// Any 64 bits, or a small number.
	std::int64_t number()
	{
		auto number = static_cast<std::uint64_t>(byte());
		if (number == 255) {
			for (char const c : text(8)) {
				number = number << 8U | static_cast<unsigned char>(c);
			}
		}
		return static_cast<std::int64_t>(number);
	}

private:
	std::string_view bytes_;
};

ImportReading take_reading(Input &input)
{
	ImportReading reading;
	for (auto count = 1 + input.byte() % 2; count > 0; --count) {
		reading.time.push_back(input.text());
	}
	if (input.byte() % 2 == 1) {
		reading.event_name = input.text();
	}
	for (auto *const text :
		 {&reading.email, &reading.delimiter, &reading.encoding, &reading.compression, &reading.time_zone}) {
		*text = input.text();
	}
	for (auto count = input.byte() % 4; count > 0; --count) {
		reading.ignored.push_back(input.text());
		reading.times.push_back({input.text(), input.byte()});
		reading.names.push_back({input.text(), input.byte()});
	}
	for (auto *const count :
		 {&reading.ignored_columns, &reading.distinct_names, &reading.events, &reading.blank_records,
		  &reading.padded_records, &reading.overlong_records, &reading.trimmed_cells}) {
		*count = input.byte();
	}
	reading.are_all_names_counted = input.byte() % 2 == 1;
	if (input.byte() % 2 == 1)
		reading.doubt = {input.byte(), input.byte() % 2 == 1, input.byte()};
	return reading;
}

ImportOutcome take_outcome(Input &input)
{
	ImportOutcome outcome;
	auto const flags = input.byte();
	outcome.state = static_cast<vero::ImportState>(flags % 3);
	outcome.is_dry_run = (flags & 4U) != 0;
	outcome.triggers_campaigns = (flags & 8U) != 0;
	outcome.is_undone = (flags & 16U) != 0;
	outcome.is_utf16 = (flags & 32U) != 0;
	outcome.rejects_file = static_cast<vero::RejectsFile>(input.byte() % 3);
	outcome.import_id = input.number();
	for (auto *const count : {&outcome.rows_read, &outcome.rows_imported, &outcome.rows_rejected,
							  &outcome.rows_duplicate, &outcome.contacts_created}) {
		*count = input.number();
	}
	outcome.jobs_scheduled = input.byte();
	outcome.jobs_discarded = input.byte();
	outcome.started_at_us = input.number() / 2;
	outcome.finished_at_us = input.number() / 2;
	for (auto *const text : {&outcome.source, &outcome.error, &outcome.imported_by, &outcome.database}) {
		*text = input.text();
	}
	for (auto count = input.byte() % 4; count > 0; --count) {
		outcome.options.push_back(input.text());
	}
	for (auto count = input.byte() % 32; count > 0; --count) {
		outcome.first_rejects.push_back({input.number(), input.text(), input.text()});
	}
	outcome.compression = static_cast<vero::Compression>(input.byte() % 3);
	outcome.jobs_overdue = input.byte();
	for (auto count = input.byte() % 4; count > 0; --count) {
		outcome.reject_kinds.push_back({input.byte(), input.text(), input.text(), input.text()});
	}
	for (auto count = input.byte() % 8; count > 0; --count) {
		outcome.names_without_campaign.push_back({input.text(), input.byte()});
	}
	if (input.byte() % 2 == 1) {
		outcome.reading = take_reading(input);
	}
	for (auto count = input.byte() % 32; count > 0; --count) {
		vero::CampaignCounts counts;
		counts.name = input.text();
		counts.add_later(input.number() / 2);
		counts.of(static_cast<vero::Discard>(input.byte() % vero::kDiscardNames.size())) = input.byte();
		outcome.campaigns.push_back(std::move(counts));
	}
	return outcome;
}

void make_harmless(std::string &text)
{
	text = text.empty() ? "" : "x";
}

void make_harmless(ImportReading &reading)
{
	for (auto *const text : {&reading.email, &reading.delimiter, &reading.encoding, &reading.time_zone}) {
		make_harmless(*text);
	}
	for (auto *const texts : {&reading.time, &reading.ignored}) {
		std::for_each(texts->begin(), texts->end(), [](std::string &text) { make_harmless(text); });
	}
	if (reading.event_name) {
		make_harmless(*reading.event_name);
	}
	for (auto &times : reading.times) {
		make_harmless(times.layout);
	}
	for (auto &name : reading.names) {
		make_harmless(name.name);
	}
	reading.compression = reading.compression == "none" ? "none" : "x";
}

ImportOutcome harmless(ImportOutcome outcome)
{
	for (auto &kind : outcome.reject_kinds) {
		for (auto *const text : {&kind.words, &kind.example, &kind.advice}) {
			make_harmless(*text);
		}
	}
	for (auto &name : outcome.names_without_campaign) {
		make_harmless(name.name);
	}
	for (auto &campaign : outcome.campaigns) {
		make_harmless(campaign.name);
	}
	if (outcome.reading) {
		make_harmless(*outcome.reading);
	}
	for (auto *const text : {&outcome.source, &outcome.error, &outcome.imported_by, &outcome.database}) {
		make_harmless(*text);
	}
	for (auto &option : outcome.options) {
		make_harmless(option);
	}
	for (auto &reject : outcome.first_rejects) {
		make_harmless(reject.reason);
		make_harmless(reject.raw);
	}
	return outcome;
}

auto count_lines(std::string const &text)
{
	return std::count(text.begin(), text.end(), '\n');
}

bool is_shown_text(std::string const &text)
{
	return vero::test::is_utf8_plain(text) && std::all_of(text.begin(), text.end(), [](char c) {
			   return c == '\n' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7F');
		   });
}

std::string commands_of(ImportOutcome const &outcome)
{
	std::string commands;
	for (auto const &command : vero::make_report(outcome).commands) {
		commands += command.command + "\n";
	}
	return commands;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	Input input({reinterpret_cast<char const *>(data), size});
	auto const outcome = take_outcome(input);
	auto const written = vero::write_confirmation(outcome);
	auto const expected = vero::write_confirmation(harmless(outcome));
	require(is_shown_text(written.subject) && is_shown_text(written.text) && is_shown_text(written.html));
	require(count_lines(written.subject) == 0 && count_lines(written.text) == count_lines(expected.text));
	require(commands_of(outcome) == commands_of(harmless(outcome)));
	auto const html = vero::test::read_html(written.html);
	require(html.tags == vero::test::read_html(expected.html).tags);
	require(html.texts.at(0) == written.subject);
	return 0;
}
