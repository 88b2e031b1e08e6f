// Fuzzes confirmations: whatever came from outside, they have the lines, elements and commands that harmless values give.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "support/plain_html.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using vero::ImportOutcome;

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
	return outcome;
}

void make_harmless(std::string &text)
{
	text = text.empty() ? "" : "x";
}

ImportOutcome harmless(ImportOutcome outcome)
{
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
	return vero::is_utf8_plain(text) && std::all_of(text.begin(), text.end(), [](char c) {
			   return c == '\n' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7F');
		   });
}

std::string commands_of(ImportOutcome const &outcome)
{
	std::string commands;
	for (auto const &steps : {vero::make_steps(outcome), vero::make_queries(outcome)}) {
		for (auto const &step : steps) {
			commands += step.command + "\n";
		}
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
