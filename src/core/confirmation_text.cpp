// Lays a confirmation out as plain text.
#include "core/confirmation_report.hpp"
#include "core/text.hpp"

#include <algorithm>

namespace vero {

namespace {

void append_facts(std::string &out, std::vector<ReportFact> const &facts)
{
	if (facts.empty()) {
		return;
	}
	std::size_t width = 0;
	for (auto const &fact : facts) {
		width = std::max(width, utf8_length(fact.label));
	}
	for (auto const &fact : facts) {
		out += fact.label + ":";
		out.append(width + 2 - utf8_length(fact.label), ' ');
		out += fact.value + "\n";
	}
	out += "\n";
}

} // namespace

std::string lay_out_text(ConfirmationReport const &report)
{
	std::string out = report.headline + "\n\n";
	if (!report.explanation.empty()) {
		out += report.explanation + "\n\n";
	}
	append_facts(out, report.counts);
	append_facts(out, report.facts);
	if (!report.rejects.empty()) {
		out += report.rejects_title + ":\n\n";
		for (auto const &reject : report.rejects) {
			out += "  Line " + std::to_string(reject.line_number) + ": " + reject.reason + "\n";
			out += "      " + reject.raw + "\n";
		}
		out += "\n";
	}
	if (!report.steps.empty()) {
		out += "What to do next:\n\n";
		std::size_t number = 0;
		for (auto const &step : report.steps) {
			out += std::to_string(++number) + ". " + step.sentence + "\n";
			out += "   " + step.command + "\n\n";
		}
	}
	// What mail programs know as the beginning of a signature.
	return out + "-- \n" + report.footer + "\n";
}

} // namespace vero
