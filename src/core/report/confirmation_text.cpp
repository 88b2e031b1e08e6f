// Lays a confirmation out as plain text.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <string_view>

namespace vero {

namespace {

constexpr std::size_t kUsualTextSize = 1024; // bytes, where nothing was rejected

void append_text_facts(std::string &out, std::vector<ReportFact> const &facts)
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

void append_text_campaigns(std::string &out, ConfirmationReport const &report)
{
	if (report.campaigns.empty()) {
		return;
	}
	std::size_t width = 0;
	for (auto const &campaign : report.campaigns) {
		for (auto const &count : campaign.counts) {
			width = std::max(width, count.value.size());
		}
	}
	out.append(report.campaigns_title).append(":\n\n");
	for (auto const &campaign : report.campaigns) {
		out.append("  ").append(campaign.name).append("\n");
		for (auto const &count : campaign.counts) {
			out.append("    ").append(width - count.value.size(), ' ').append(count.value);
			out.append("  ").append(count.label).append("\n");
		}
	}
	out += "\n";
}

void append_text_commands(std::string &out, std::vector<ReportCommand> const &commands)
{
	if (commands.empty()) {
		return;
	}
	out += "Commands:\n\n";
	for (auto const &command : commands) {
		out.append("  ").append(command.purpose).append("\n      ").append(command.command).append("\n");
	}
	out += "\n";
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
	out.reserve(kUsualTextSize);
	out.append(report.headline).append("\n\n");
	if (!report.explanation.empty()) {
		out.append(report.explanation).append("\n\n");
	}
	append_lines(out, "Warning: ", report.warnings);
	append_text_facts(out, report.counts);
	append_text_campaigns(out, report);
	if (!report.next.empty()) {
		out.append("What to do next: ").append(report.next).append("\n\n");
	}
	if (!report.reject_kinds.empty()) {
		out += "What is wrong:\n\n";
		append_lines(out, "  ", report.reject_kinds);
	}
	if (!report.rejects.empty()) {
		out += report.rejects_title + ":\n\n";
		for (auto const &reject : report.rejects) {
			out += "  Line " + std::to_string(reject.line_number) + ": " + reject.reason + "\n";
			out += "      " + reject.raw + "\n";
		}
		out += "\n";
	}
	append_lines(out, "", report.reading);
	append_text_facts(out, report.facts);
	append_text_commands(out, report.commands);
	// What mail programs know as the beginning of a signature.
	out.append("-- \n").append(report.footer).append("\n");
	return out;
}

} // namespace vero
