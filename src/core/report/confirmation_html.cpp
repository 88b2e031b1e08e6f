// Lays a confirmation out as HTML that mail programs can show.
#include "core/report/confirmation.hpp"
#include "core/text/visible_text.hpp"

#include <initializer_list>
#include <string_view>

namespace vero {

namespace {

/// Text and background of the banner; every pair here and below has a contrast of at least 7 (WCAG 2, AAA), in the dark too.
struct BannerColors {
	std::string_view text;
	std::string_view background;
	std::string_view edge;
};

BannerColors banner_colors(Tone tone)
{
	switch (tone) {
	case Tone::good:
		return {"#14532d", "#e9f7ee", "#2e7d4f"};
	case Tone::warning:
		return {"#6b3f00", "#fff5e0", "#c77700"};
	case Tone::bad:
		break;
	}
	return {"#7f1d1d", "#fdecec", "#c62828"};
}

BannerColors dark_banner_colors(Tone tone)
{
	switch (tone) {
	case Tone::good:
		return {"#b7f0cb", "#12301f", "#3fae6f"};
	case Tone::warning:
		return {"#ffd899", "#3a2a08", "#e09b2d"};
	case Tone::bad:
		break;
	}
	return {"#ffc9c9", "#3d1616", "#ef6a6a"};
}

constexpr std::size_t kUsualHtmlSize = 8192; // bytes, where nothing was rejected

constexpr std::string_view kTableStart =
	R"(<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">)";
constexpr std::string_view kSectionStart = R"(<tr><td style="padding:20px 20px 0 20px">)";
constexpr std::string_view kSectionEnd = "</td></tr>\n";
constexpr std::string_view kMono = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;";

/// Colours for mail programs that know that it is dark; the others change those at the elements as they see fit.
constexpr std::string_view kDarkColors = ".page{background-color:#14181d!important}"
										 ".card{background-color:#1d232a!important}"
										 ".text{color:#e6eaee!important}"
										 ".muted{color:#b9c3cd!important}"
										 ".line{border-color:#46525f!important}"
										 ".code{background-color:#262d35!important}";

/// Word's engine, with which Outlook draws, knows no greatest width: it gets a table of a fixed one round everything.
constexpr std::string_view kWordStart =
	R"(<!--[if mso]><table role="presentation" width="680" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->)";
constexpr std::string_view kWordEnd = "<!--[if mso]></td></tr></table><![endif]-->";

void append(std::string &out, std::initializer_list<std::string_view> pieces)
{
	for (auto const piece : pieces) {
		out += piece;
	}
}

/// `text` between `before` and `after`, which are HTML.
void append_text(std::string &out, std::string_view before, std::string_view text, std::string_view after)
{
	out += before;
	append_html_escaped(out, text);
	out += after;
}

void append_head(std::string &out, ConfirmationReport const &report)
{
	auto const dark = dark_banner_colors(report.tone);
	out +=
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		R"(<meta name="viewport" content="width=device-width, initial-scale=1">)"
		"\n"
		R"(<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">)";
	append_text(out, "\n<title>", report.subject, "</title>\n");
	append(out, {"<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){", kDarkColors,
				 ".banner{background-color:", dark.background, "!important;border-color:", dark.edge,
				 "!important}.tone{color:", dark.text, "!important}}</style>\n</head>\n"});
}

void append_title(std::string &out, std::string_view title)
{
	append_text(out, R"(<h2 class="text" style="margin:0 0 8px 0;font-size:16px;line-height:22px;color:#1f2933">)",
				title, "</h2>\n");
}

void append_banner(std::string &out, ConfirmationReport const &report)
{
	auto const colors = banner_colors(report.tone);
	append(out, {R"(<tr><td class="banner" style="padding:24px 20px;background-color:)", colors.background,
				 ";border-left:6px solid ", colors.edge, R"(">)"});
	append(out, {R"(<h1 class="tone" style="margin:0;font-size:20px;line-height:28px;color:)", colors.text, R"(">)"});
	append_text(out, "", report.headline, "</h1>");
	if (!report.explanation.empty()) {
		append(
			out,
			{R"(<p class="tone" style="margin:8px 0 0 0;font-size:15px;line-height:22px;word-break:break-word;color:)",
			 colors.text, R"(">)"});
		append_text(out, "", report.explanation, "</p>");
	}
	out += kSectionEnd;
}

/// A paragraph for each, with the title above them.
void append_lines(std::string &out, std::string_view title, std::string_view start,
				  std::vector<std::string> const &lines)
{
	if (lines.empty()) {
		return;
	}
	out += kSectionStart;
	if (!title.empty()) {
		append_title(out, title);
	}
	for (auto const &line : lines) {
		append(
			out,
			{R"(<p class="text" style="margin:0 0 6px 0;font-size:14px;line-height:20px;color:#1f2933;word-break:break-word">)",
			 start});
		append_text(out, "", line, "</p>\n");
	}
	out += kSectionEnd;
}

/// A row for each: what, and how many.
void append_count_rows(std::string &out, std::vector<ReportFact> const &counts, std::string_view number_style)
{
	for (auto const &count : counts) {
		append_text(
			out,
			R"(<tr><td class="line muted" valign="top" style="padding:6px 12px 6px 0;border-bottom:1px solid #d5dbe1;)"
			R"(font-size:14px;line-height:20px;color:#46525f;word-break:break-word">)",
			count.label, "</td>");
		append(
			out,
			{R"(<td class="line text" valign="top" align="right" style="padding:6px 0;border-bottom:1px solid #d5dbe1;)"
			 R"(line-height:20px;color:#1f2933;white-space:nowrap;)",
			 number_style, R"(">)"});
		append_text(out, "", count.value, "</td></tr>\n");
	}
}

void append_counts(std::string &out, std::vector<ReportFact> const &counts)
{
	if (counts.empty()) {
		return;
	}
	append(out, {kSectionStart, kTableStart});
	append_count_rows(out, counts, "font-size:18px;font-weight:bold");
	append(out, {"</table>", kSectionEnd});
}

void append_html_campaigns(std::string &out, ConfirmationReport const &report)
{
	if (report.campaigns.empty()) {
		return;
	}
	out += kSectionStart;
	append_title(out, report.campaigns_title);
	out += R"(<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">)";
	for (auto const &campaign : report.campaigns) {
		append_text(
			out,
			R"(<tr><th scope="rowgroup" colspan="2" align="left" class="line text" style="padding:10px 0 4px 0;)"
			R"(font-size:14px;line-height:20px;color:#1f2933;word-break:break-word">)",
			campaign.name, "</th></tr>\n");
		append_count_rows(out, campaign.counts, "font-size:14px");
	}
	append(out, {"</table>", kSectionEnd});
}

void append_html_facts(std::string &out, std::vector<ReportFact> const &facts)
{
	append(out, {kSectionStart, kTableStart});
	for (auto const &fact : facts) {
		append_text(
			out,
			R"(<tr><td class="muted" width="110" valign="top" style="padding:4px 12px 4px 0;font-size:14px;line-height:20px;color:#46525f">)",
			fact.label, "</td>");
		append_text(
			out,
			R"(<td class="text" valign="top" style="padding:4px 0;font-size:14px;line-height:20px;color:#1f2933;word-break:break-word">)",
			fact.value, "</td></tr>\n");
	}
	append(out, {"</table>", kSectionEnd});
}

void append_rejects(std::string &out, ConfirmationReport const &report)
{
	if (report.rejects.empty()) {
		return;
	}
	out += kSectionStart;
	append_title(out, report.rejects_title);
	out +=
		R"(<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">)"
		R"(<tr><th scope="col" width="56" align="right" class="muted" style="padding:6px 12px 6px 0;font-size:13px;color:#46525f">Line</th>)"
		R"(<th scope="col" align="left" class="muted" style="padding:6px 0;font-size:13px;color:#46525f">What is wrong, and the record</th></tr>)"
		"\n";
	for (auto const &reject : report.rejects) {
		append_text(
			out,
			R"(<tr><td class="line muted" valign="top" align="right" style="padding:8px 12px 8px 0;border-top:1px solid #d5dbe1;)"
			R"(font-size:14px;line-height:20px;color:#46525f">)",
			std::to_string(reject.line_number), "</td>");
		append_text(
			out,
			R"(<td class="line text" valign="top" style="padding:8px 0;border-top:1px solid #d5dbe1;font-size:14px;line-height:20px;)"
			R"(color:#1f2933;word-break:break-word">)",
			reject.reason, "");
		append(out,
			   {R"(<div class="muted" style="margin-top:4px;)", kMono,
				R"(font-size:13px;line-height:18px;color:#46525f;overflow-wrap:anywhere;word-break:break-word">)"});
		append_text(out, "", reject.raw, "</div></td></tr>\n");
	}
	append(out, {"</table>", kSectionEnd});
}

/// Each in a padded cell: Word draws no padding of other elements.
void append_html_commands(std::string &out, std::vector<ReportCommand> const &commands)
{
	if (commands.empty()) {
		return;
	}
	out += kSectionStart;
	append_title(out, "Commands");
	out += kTableStart;
	for (auto const &command : commands) {
		append_text(
			out, R"(<tr><td class="text" style="padding:6px 0 4px 0;font-size:13px;line-height:18px;color:#1f2933">)",
			command.purpose, "</td></tr>\n");
		append(
			out,
			{R"(<tr><td class="line code text" style="padding:8px 12px;background-color:#f2f4f7;border:1px solid #d5dbe1;)",
			 kMono, R"(font-size:12px;line-height:18px;color:#1f2933;overflow-wrap:anywhere;word-break:break-word">)"});
		append_text(out, "", command.command, "</td></tr>\n");
	}
	append(out, {"</table>", kSectionEnd});
}

} // namespace

std::string lay_out_html(ConfirmationReport const &report)
{
	std::string out;
	out.reserve(kUsualHtmlSize);
	append_head(out, report);
	append(out, {R"(<body class="page" style="margin:0;padding:0;background-color:#eef1f4">)", kTableStart,
				 R"(<tr><td align="center" style="padding:24px 8px">)", kWordStart,
				 R"(<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" )",
				 R"(style="border-collapse:collapse;max-width:680px;background-color:#ffffff;)",
				 R"(font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;text-align:left">)", "\n"});
	append_banner(out, report);
	append_lines(out, "", "<b>Warning: </b>", report.warnings);
	append_counts(out, report.counts);
	append_html_campaigns(out, report);
	if (!report.next.empty()) {
		append_lines(out, "What to do next", "", {report.next});
	}
	append_lines(out, "What is wrong", "", report.reject_kinds);
	append_rejects(out, report);
	append_lines(out, "", "", report.reading);
	append_html_facts(out, report.facts);
	append_html_commands(out, report.commands);
	append_text(
		out,
		R"(<tr><td class="muted" style="padding:20px 20px 24px 20px;font-size:12px;line-height:18px;color:#46525f">)",
		report.footer, kSectionEnd);
	append(out, {"</table>", kWordEnd, "</td></tr></table></body>\n</html>\n"});
	return out;
}

} // namespace vero
