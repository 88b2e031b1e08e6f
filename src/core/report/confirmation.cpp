// Writes the mail that tells people how an import ended: puts it into words, before these are laid out as text and as HTML.
#include "core/report/confirmation.hpp"

#include "core/text/character.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "core/time/utc_time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace vero {
namespace {

constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxSubjectName = 80;
constexpr std::size_t kMaxSubjectError = 120;
constexpr std::size_t kMaxError = 2000;
constexpr std::size_t kMaxExample = 100;

/// Clipped first: the escapes are longer than what they stand for.
std::string show(std::string_view bytes, std::size_t limit)
{
	return to_visible(clip_printable(bytes, limit));
}

/// The last part of a path.
std::string_view base_name(std::string_view path)
{
	auto const slash = path.find_last_of("/\\");
	return slash == std::string_view::npos || slash + 1 == path.size() ? path : path.substr(slash + 1);
}

std::string describe_counts(ImportOutcome const &outcome)
{
	std::string const imported = outcome.is_dry_run ? " would be imported" : " imported";
	if (outcome.rows_read == 0) {
		return "no records in the file";
	}
	if (outcome.rows_imported == outcome.rows_read) {
		return (outcome.rows_read > 1 ? "all " : "") +
			   count_of(static_cast<std::uint64_t>(outcome.rows_read), "record") + imported;
	}
	std::string words = group_digits(outcome.rows_imported) + " of " +
						count_of(static_cast<std::uint64_t>(outcome.rows_read), "record") + imported;
	if (outcome.rows_rejected != 0) {
		words += ", " + group_digits(outcome.rows_rejected) + " rejected";
	}
	if (outcome.rows_duplicate != 0) {
		words += ", " + group_digits(outcome.rows_duplicate) + " skipped as duplicates";
	}
	return words;
}

std::string describe_duration(std::int64_t duration_us)
{
	std::int64_t const tenths = std::max<std::int64_t>(duration_us, 0) / 100'000;
	std::int64_t const seconds = tenths / 10;
	std::array<char, 64> text{};
	if (seconds < 60) {
		std::snprintf(text.data(), text.size(), "%d.%d seconds", static_cast<int>(seconds),
					  static_cast<int>(tenths % 10));
	} else if (seconds < 3600) {
		std::snprintf(text.data(), text.size(), "%d min %02d s", static_cast<int>(seconds / 60),
					  static_cast<int>(seconds % 60));
	} else {
		std::snprintf(text.data(), text.size(), "%lld h %02d min", static_cast<long long>(seconds / 3600),
					  static_cast<int>(seconds / 60 % 60));
	}
	return text.data();
}

/// Records were imported before it was known that the file fails as a whole.
bool is_taken_back(ImportOutcome const &outcome)
{
	return outcome.state == ImportState::failed && outcome.rows_imported != 0;
}

/// How it ended comes first: a narrow list of mails shows no more.
std::string make_subject(ImportOutcome const &outcome)
{
	auto const import = (outcome.is_dry_run ? "Dry run " : "Import ") + std::to_string(outcome.import_id);
	auto const file = " (" + show(base_name(outcome.source), kMaxSubjectName) + ")";
	return import +
		   (outcome.state == ImportState::failed ? " failed: " + show(outcome.error, kMaxSubjectError)
												 : ": " + describe_counts(outcome)) +
		   file;
}

/// What PostgreSQL's style begins in lower case, as a sentence, unless the first word is a name (`time_formats`, `vero_events.x`).
std::string as_sentence(std::string text)
{
	if (text.empty()) {
		return text;
	}
	auto const first_word = std::string_view(text).substr(0, text.find(' '));
	if (std::all_of(first_word.begin(), first_word.end(), [](char c) { return c >= 'a' && c <= 'z'; })) {
		text.front() = static_cast<char>(upper_letter(static_cast<unsigned char>(text.front())));
	}
	return std::string_view(".!?").find(text.back()) != std::string_view::npos ? text : text + ".";
}

void describe_end(ConfirmationReport &report, ImportOutcome const &outcome)
{
	if (outcome.state == ImportState::failed) {
		report.tone = Tone::bad;
		report.headline = outcome.is_dry_run ? "The dry run failed." : "The import failed. Nothing was imported.";
		report.explanation = as_sentence(show(outcome.error, kMaxError));
		return;
	}
	bool const is_good = outcome.rows_rejected == 0 && outcome.rows_read != 0;
	auto const missing_mail = explain_missing_mail(outcome);
	bool const is_doubtful = !report.warnings.empty() || !missing_mail.empty();
	report.tone = is_good && !is_doubtful ? Tone::good : Tone::warning;
	auto counts = describe_counts(outcome);
	if (outcome.is_dry_run) {
		report.headline = "Dry run: " + counts + ".";
		report.explanation = "No contact and no event was stored." + (missing_mail.empty() ? "" : " " + missing_mail);
		return;
	}
	counts.front() = static_cast<char>(upper_letter(static_cast<unsigned char>(counts.front())));
	report.headline = counts + ".";
	report.explanation = is_good && is_doubtful ? ""
						 : is_good				? "There is nothing left to do."
						 : outcome.rows_read == 0
							 ? "Nothing was imported. If that is unexpected, look whether it was the right file."
						 : outcome.has_only_forgotten_rejects()
							 ? "The rejected records are of people who were forgotten. They are not kept, and nothing "
							   "is left to do for them."
							 : "The rejected records were left out. They can be corrected and imported.";
	if (!missing_mail.empty()) {
		report.explanation += (report.explanation.empty() ? "" : " ") + missing_mail;
	}
}

template <class Item> void append(std::vector<Item> &list, std::vector<Item> const &more)
{
	list.insert(list.end(), more.begin(), more.end());
}

std::vector<ReportFact> make_facts(ImportOutcome const &outcome)
{
	std::vector<ReportFact> facts{{"Source", show(outcome.source, kMaxName)},
								  {"Import", std::to_string(outcome.import_id)},
								  {"Database", show(outcome.database, kMaxName)},
								  {"Imported by", show(outcome.imported_by, kMaxName)},
								  {"Started", format_utc(outcome.started_at_us)}};
	if (outcome.finished_at_us != 0) {
		facts.push_back({"Took", describe_duration(outcome.finished_at_us - outcome.started_at_us)});
	}
	if (!outcome.is_undone) {
		if (outcome.reading) {
			append(facts, describe_passed_over(*outcome.reading));
		}
		if (!outcome.is_dry_run) {
			facts.push_back({"New contacts", group_digits(outcome.contacts_created)});
		}
		append(facts, describe_campaigns(outcome));
	}
	return facts;
}

std::vector<ShownReject> show_rejects(std::vector<ShownReject> const &rejects)
{
	std::vector<ShownReject> shown;
	for (auto const &reject : rejects) {
		if (shown.size() == kShownRejects) {
			break;
		}
		shown.push_back(
			{reject.line_number, show(reject.reason, kShownReasonLength), show(reject.raw, kShownRawLength)});
	}
	return shown;
}

/// `once: ...`
std::string describe_kind(RejectKind const &kind)
{
	auto words = (kind.count == 1 ? "once" : group_digits(kind.count) + " times") + ": " + show(kind.words, kMaxName);
	if (!kind.example.empty()) {
		words += ", for example " + show(kind.example, kMaxExample);
	}
	return words + (kind.advice.empty() ? "" : "; " + show(kind.advice, kMaxName));
}

} // namespace

std::vector<std::string> sum_up_rejects(ImportOutcome const &outcome)
{
	auto kinds = outcome.reject_kinds;
	std::stable_sort(kinds.begin(), kinds.end(),
					 [](RejectKind const &a, RejectKind const &b) { return a.count > b.count; });
	std::vector<std::string> lines;
	lines.reserve(kinds.size());
	for (auto const &kind : kinds) {
		lines.push_back(describe_kind(kind));
	}
	return lines;
}

Confirmation write_confirmation(ImportOutcome const &outcome, Bodies bodies)
{
	auto const report = make_report(outcome);
	return {report.subject, lay_out_text(report), bodies == Bodies::text_and_html ? lay_out_html(report) : ""};
}

std::string rejects_file_name(std::int64_t import_id)
{
	return "rejects-" + std::to_string(import_id) + ".csv";
}

ConfirmationReport make_report(ImportOutcome const &outcome)
{
	ConfirmationReport report;
	report.subject = make_subject(outcome);
	if (outcome.reading) {
		report.reading = describe_reading(*outcome.reading);
	}
	report.warnings = find_doubts(outcome);
	describe_end(report, outcome);
	if (!outcome.is_undone) {
		report.counts = {{"Read", group_digits(outcome.rows_read)},
						 {outcome.is_dry_run || is_taken_back(outcome) ? "Importable" : "Imported",
						  group_digits(outcome.rows_imported)},
						 {"Rejected", group_digits(outcome.rows_rejected)}};
		if (outcome.looks_for_duplicates)
			report.counts.push_back({"Duplicates", group_digits(outcome.rows_duplicate)});
	}
	report.campaigns = describe_each_campaign(outcome);
	if (!report.campaigns.empty()) {
		report.campaigns_title = outcome.is_dry_run ? "What mails there would be" : "Mails";
		if (auto const all = outcome.campaigns.size(); report.campaigns.size() < all) {
			report.campaigns_title +=
				", for " + std::to_string(report.campaigns.size()) + " of " + std::to_string(all) + " campaigns";
		}
	}
	report.facts = make_facts(outcome);
	report.reject_kinds = sum_up_rejects(outcome);
	report.rejects = show_rejects(outcome.first_rejects);
	auto const shown = static_cast<std::int64_t>(report.rejects.size());
	if (shown != 0) {
		report.rejects_title =
			outcome.is_undone ? "Rejected records, as far as the import came"
			: shown < outcome.rows_rejected
				? std::to_string(shown) + " of " + group_digits(outcome.rows_rejected) + " rejected records"
				: "Rejected records";
	}
	auto next = make_next_step(outcome);
	report.next = std::move(next.sentence);
	report.commands = std::move(next.commands);
	append(report.commands, make_queries(outcome));
	report.footer =
		"You get this mail because the import, or the setting vero_events.notify_email, names your address.";
	return report;
}

} // namespace vero
