// Writes the mail that tells people how an import ended: puts it into words, before these are laid out as text and as HTML.
#pragma once

#include "core/report/import_outcome.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vero {

struct Confirmation {
	std::string subject; ///< one line
	std::string text;	 ///< lines end in LF
	std::string html;	 ///< a whole document, the same content; empty where there is text alone
};

/// What a mail program can choose from.
enum class Bodies : unsigned char { text, text_and_html };

/// Well-formed UTF-8 without controls but LF; what came from outside is on one line each, with everything written out that could
/// act (to_visible), and escaped in the HTML. The SQL commands in it hold nothing that came from outside.
Confirmation write_confirmation(ImportOutcome const &outcome, Bodies bodies = Bodies::text_and_html);

/// What the confirmation calls the file of rejects that is attached to it: `rejects-7.csv`.
std::string rejects_file_name(std::int64_t import_id);

enum class Tone : unsigned char { good, warning, bad };

/// `value` is shown beside its `label`.
struct ReportFact {
	std::string label;
	std::string value;
};

/// A command for something to do or to see.
struct ReportCommand {
	std::string purpose; ///< ends in ":"
	std::string command; ///< SQL or psql, one line
};

/// What is to be done after an import.
struct NextStep {
	std::string sentence;				 ///< empty where all is done
	std::vector<ReportCommand> commands; ///< in order
};

/// What happened to the events of one campaign.
struct CampaignResult {
	std::string name;
	std::vector<ReportFact> counts; ///< what became of mails, and how many
};

/// In the order in which it is laid out. Every text is one line that to_visible() would not change. Empty ones are left out.
struct ConfirmationReport {
	Tone tone = Tone::good;
	std::string subject;
	std::string headline;			   ///< what happened
	std::string explanation;		   ///< why, or what it means
	std::vector<std::string> warnings; ///< what is doubtful
	std::vector<ReportFact> counts;
	std::string campaigns_title;
	std::vector<CampaignResult> campaigns;
	std::string next;					   ///< what to do
	std::vector<std::string> reject_kinds; ///< what is wrong with the rejected records, the most frequent first
	std::string rejects_title;
	std::vector<ShownReject> rejects;
	std::vector<std::string> reading; ///< what was taken for what
	std::vector<ReportFact> facts;
	std::vector<ReportCommand> commands; ///< for what is to be done and what there is to see; all of them stand here
	std::string footer;
};

/// Puts the outcome into words.
ConfirmationReport make_report(ImportOutcome const &outcome);

// Parts of the report, each put into words; empty where there is nothing to say.

/// `'Places order' 1,204, 'Refunds order' 12 and 3 other names`; `distinct` names there are in all, or at least.
std::string list_names(std::vector<NameCount> const &names, std::uint64_t distinct, bool is_all);
/// What the import took for what.
std::vector<std::string> describe_reading(ImportReading const &reading);
/// What of the file is in no event, and yet no reject.
std::vector<ReportFact> describe_passed_over(ImportReading const &reading);
/// What of it is most likely not what was meant.
std::vector<std::string> find_doubts(ImportOutcome const &outcome);
/// What became of all campaigns together.
std::vector<ReportFact> describe_campaigns(ImportOutcome const &outcome);
/// What became of each, those with most first, as far as they are shown.
std::vector<CampaignResult> describe_each_campaign(ImportOutcome const &outcome);
/// Why no mail is scheduled, where the import was to trigger campaigns.
std::string explain_missing_mail(ImportOutcome const &outcome);
/// `1,000 times: not a time in ISO 8601, for example 01/02/2022; ...`
std::vector<std::string> sum_up_rejects(ImportOutcome const &outcome);

NextStep make_next_step(ImportOutcome const &outcome);

/// What the database can tell about the import.
std::vector<ReportCommand> make_queries(ImportOutcome const &outcome);

/// The report as plain text.
std::string lay_out_text(ConfirmationReport const &report);

/// The report as an HTML document that mail programs can show: tables, styles at the elements, nothing to be fetched.
std::string lay_out_html(ConfirmationReport const &report);

} // namespace vero
