// A confirmation in words, before it is laid out as text or HTML.
#pragma once

#include "core/report/confirmation.hpp"

#include <string>
#include <vector>

namespace vero {

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
	std::string headline;	 ///< what happened
	std::string explanation; ///< why, or what it means
	std::vector<ReportFact> counts;
	std::vector<ReportFact> facts;
	std::vector<ReportStep> steps; ///< what to do next, in order
	std::string rejects_title;
	std::vector<ShownReject> rejects;
	std::vector<ReportStep> queries; ///< what else there is to see
	std::string footer;
};

/// Puts the outcome into words.
ConfirmationReport make_report(ImportOutcome const &outcome);

/// What is to be done after the import, in order. Nothing where all is done.
std::vector<ReportStep> make_steps(ImportOutcome const &outcome);

/// What the database can tell about the import.
std::vector<ReportStep> make_queries(ImportOutcome const &outcome);

/// The report as plain text.
std::string lay_out_text(ConfirmationReport const &report);

/// The report as an HTML document that mail programs can show: tables, styles at the elements, nothing to be fetched.
std::string lay_out_html(ConfirmationReport const &report);

} // namespace vero
