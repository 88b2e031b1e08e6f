// Lays a confirmation out as plain text.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <string_view>

namespace vero {

namespace {

constexpr std::size_t kUsualSize = 1024; // bytes, where nothing was rejected

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
		out.append(fact.label).append(":").append(width + 2 - utf8_length(fact.label), ' ');
		out.append(fact.value).append("\n");
	}
	out += "\n";
}

void append_steps(std::string &out, std::string_view title, std::vector<ReportStep> const &steps)
{
	if (steps.empty()) {
		return;
	}
	out.append(title).append(":\n\n");
	for (auto const &step : steps) {
		out.append("  ").append(step.sentence).append("\n      ").append(step.command).append("\n\n");
	}
}

/// Paragraphs, or nothing; `start` stands before each line.
void append_lines(std::string &out, std::string_view start, std::vector<std::string> const &lines)
{
	for (auto const &line : lines) {
		out.append(start).append(line).append("\n");
	}
	out += lines.empty() ? "" : "\n";
}

} // namespace

std::string lay_out_text(ConfirmationReport const &report)
{
	std::string out;
	out.reserve(kUsualSize);
	out.append(report.headline).append("\n\n");
	if (!report.explanation.empty()) {
		out.append(report.explanation).append("\n\n");
	}
	append_lines(out, "", report.reading);
	append_lines(out, "Warning: ", report.warnings);
	append_facts(out, report.counts);
	if (!report.reject_kinds.empty()) {
		out += "What is wrong:\n\n";
		append_lines(out, "  ", report.reject_kinds);
	}
	append_steps(out, "What to do next", report.steps);
	if (!report.rejects.empty()) {
		out += report.rejects_title + ":\n\n";
		for (auto const &reject : report.rejects) {
			out += "  Line " + std::to_string(reject.line_number) + ": " + reject.reason + "\n";
			out += "      " + reject.raw + "\n";
		}
		out += "\n";
	}
	append_steps(out, "What else there is to see", report.queries);
	append_facts(out, report.facts);
	// What mail programs know as the beginning of a signature.
	out.append("-- \n").append(report.footer).append("\n");
	return out;
}

} // namespace vero
