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
	std::string html;	 ///< a whole document, the same content
};

/// Well-formed UTF-8 without controls but LF; what came from outside is on one line each, with everything written out that could
/// act (to_visible), and escaped in the HTML. The SQL commands in it hold nothing that came from outside.
Confirmation write_confirmation(ImportOutcome const &outcome);

/// What the confirmation calls the file of rejects that is attached to it: `rejects-7.csv`.
std::string rejects_file_name(std::int64_t import_id);

enum class Tone : unsigned char { good, warning, bad };

/// `value` is shown beside its `label`.
struct ReportFact {
	std::string label;
	std::string value;
};

/// Something to do or to see, and the command for it.
struct ReportStep {
	std::string sentence;
	std::string command; ///< SQL or psql, one line
};

/// Every text is one line that to_visible() would not change. Empty ones are left out.
struct ConfirmationReport {
	Tone tone = Tone::good;
	std::string subject;
	std::string headline;			   ///< what happened
	std::string explanation;		   ///< why, or what it means
	std::vector<std::string> reading;  ///< what was taken for what
	std::vector<std::string> warnings; ///< what is doubtful about that
	std::vector<ReportFact> counts;
	std::vector<ReportFact> facts;
	std::vector<std::string> reject_kinds; ///< what is wrong with the rejected records, the most frequent first
	std::vector<ReportStep> steps;		   ///< what to do next, in order
	std::string rejects_title;
	std::vector<ShownReject> rejects;
	std::vector<ReportStep> queries; ///< what else there is to see
	std::string footer;
};

/// Puts the outcome into words.
ConfirmationReport make_report(ImportOutcome const &outcome);

// Parts of the report, each put into words; empty where there is nothing to say.

/// What the import took for what.
std::vector<std::string> describe_reading(ImportReading const &reading);
/// What of the file is in no event, and yet no reject.
std::vector<ReportFact> describe_passed_over(ImportReading const &reading);
/// What of it is most likely not what was meant.
std::vector<std::string> find_doubts(ImportOutcome const &outcome);
/// What became of campaigns.
std::vector<ReportFact> describe_campaigns(ImportOutcome const &outcome);
/// Why no mail is scheduled, where the import was to trigger campaigns.
std::string explain_missing_mail(ImportOutcome const &outcome);
/// `1,000 times: not a time in ISO 8601, for example 01/02/2022; ...`
std::vector<std::string> sum_up_rejects(ImportOutcome const &outcome);

/// What is to be done after the import, in order. Nothing where all is done.
std::vector<ReportStep> make_steps(ImportOutcome const &outcome);

/// What the database can tell about the import.
std::vector<ReportStep> make_queries(ImportOutcome const &outcome);

/// The report as plain text.
std::string lay_out_text(ConfirmationReport const &report);

/// The report as an HTML document that mail programs can show: tables, styles at the elements, nothing to be fetched.
std::string lay_out_html(ConfirmationReport const &report);

} // namespace vero
