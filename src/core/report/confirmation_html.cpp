// Lays a confirmation out as HTML that mail programs can show.
#include "core/report/confirmation.hpp"
#include "core/text/visible_text.hpp"

#include <initializer_list>
#include <string_view>

namespace vero {

namespace {

/// Text and background of the banner; every pair here and below has a contrast of at least 7 (WCAG 2, AAA).
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

constexpr std::size_t kUsualSize = 8192; // bytes, where nothing was rejected

constexpr std::string_view kTableStart =
	R"(<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">)";
constexpr std::string_view kSectionStart = R"(<tr><td style="padding:20px 28px 0 28px">)";
constexpr std::string_view kSectionEnd = "</td></tr>\n";
constexpr std::string_view kMono = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;";

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

void append_title(std::string &out, std::string_view title)
{
	append_text(out, R"(<h2 style="margin:0 0 8px 0;font-size:16px;line-height:22px;color:#1f2933">)", title,
				"</h2>\n");
}

void append_banner(std::string &out, ConfirmationReport const &report)
{
	auto const colors = banner_colors(report.tone);
	append(out, {R"(<tr><td style="padding:24px 28px;background-color:)", colors.background, ";border-left:6px solid ",
				 colors.edge, R"(">)"});
	append(out, {R"(<h1 style="margin:0;font-size:20px;line-height:28px;color:)", colors.text, R"(">)"});
	append_text(out, "", report.headline, "</h1>");
	if (!report.explanation.empty()) {
		append(out, {R"(<p style="margin:8px 0 0 0;font-size:15px;line-height:22px;word-break:break-word;color:)",
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
		append(out,
			   {R"(<p style="margin:0 0 6px 0;font-size:14px;line-height:20px;color:#1f2933;word-break:break-word">)",
				start});
		append_text(out, "", line, "</p>\n");
	}
	out += kSectionEnd;
}

void append_counts(std::string &out, std::vector<ReportFact> const &counts)
{
	append(out, {kSectionStart, kTableStart, "<tr>"});
	for (auto const &count : counts) {
		append_text(out,
					R"(<td width="25%" align="center" style="padding:12px 4px;border:1px solid #d5dbe1">)"
					R"(<div style="font-size:22px;line-height:28px;font-weight:bold;color:#1f2933">)",
					count.value, "</div>");
		append_text(out, R"(<div style="font-size:13px;line-height:18px;color:#46525f">)", count.label,
					"</div></td>\n");
	}
	append(out, {"</tr></table>", kSectionEnd});
}

void append_facts(std::string &out, std::vector<ReportFact> const &facts)
{
	append(out, {kSectionStart, kTableStart});
	for (auto const &fact : facts) {
		append_text(
			out,
			R"(<tr><td width="120" valign="top" style="padding:4px 12px 4px 0;font-size:14px;line-height:20px;color:#46525f">)",
			fact.label, "</td>");
		append_text(
			out,
			R"(<td valign="top" style="padding:4px 0;font-size:14px;line-height:20px;color:#1f2933;word-break:break-word">)",
			fact.value, "</td></tr>\n");
	}
	append(out, {"</table>", kSectionEnd});
}

void append_rejects(std::string &out, ConfirmationReport const &report)
{
	out += kSectionStart;
	append_title(out, report.rejects_title);
	out +=
		R"(<table width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse">)"
		R"(<tr><th scope="col" width="56" align="right" style="padding:6px 12px 6px 0;font-size:13px;color:#46525f">Line</th>)"
		R"(<th scope="col" align="left" style="padding:6px 0;font-size:13px;color:#46525f">What is wrong, and the record</th></tr>)"
		"\n";
	for (auto const &reject : report.rejects) {
		append_text(out,
					R"(<tr><td valign="top" align="right" style="padding:8px 12px 8px 0;border-top:1px solid #d5dbe1;)"
					R"(font-size:14px;line-height:20px;color:#46525f">)",
					std::to_string(reject.line_number), "</td>");
		append_text(
			out,
			R"(<td valign="top" style="padding:8px 0;border-top:1px solid #d5dbe1;font-size:14px;line-height:20px;)"
			R"(color:#1f2933;word-break:break-word">)",
			reject.reason, "");
		append(out,
			   {R"(<div style="margin-top:4px;)", kMono,
				R"(font-size:13px;line-height:18px;color:#46525f;overflow-wrap:anywhere;word-break:break-word">)"});
		append_text(out, "", reject.raw, "</div></td></tr>\n");
	}
	append(out, {"</table>", kSectionEnd});
}

void append_steps(std::string &out, std::string_view title, std::vector<ReportStep> const &steps)
{
	if (steps.empty()) {
		return;
	}
	out += kSectionStart;
	append_title(out, title);
	for (auto const &step : steps) {
		append_text(out, R"(<p style="margin:12px 0 4px 0;font-size:14px;line-height:20px;color:#1f2933">)",
					step.sentence, "</p>\n");
		append(out,
			   {R"(<pre style="margin:0;padding:10px 12px;background-color:#f2f4f7;border:1px solid #d5dbe1;)", kMono,
				R"(font-size:13px;line-height:19px;color:#1f2933;white-space:pre-wrap;word-break:break-word">)"});
		append_text(out, "", step.command, "</pre>\n");
	}
	out += kSectionEnd;
}

} // namespace

std::string lay_out_html(ConfirmationReport const &report)
{
	std::string out;
	out.reserve(kUsualSize);
	out += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		   R"(<meta name="viewport" content="width=device-width, initial-scale=1">)";
	append_text(out, "\n<title>", report.subject, "</title>\n</head>\n");
	append(out, {R"(<body style="margin:0;padding:0;background-color:#eef1f4">)", kTableStart,
				 R"(<tr><td align="center" style="padding:24px 8px">)",
				 R"(<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" )",
				 R"(style="border-collapse:collapse;max-width:680px;background-color:#ffffff;)",
				 R"(font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;text-align:left">)", "\n"});
	append_banner(out, report);
	append_lines(out, "", "", report.reading);
	append_lines(out, "", "<b>Warning: </b>", report.warnings);
	if (!report.counts.empty()) {
		append_counts(out, report.counts);
	}
	append_lines(out, "What is wrong", "", report.reject_kinds);
	append_steps(out, "What to do next", report.steps);
	if (!report.rejects.empty()) {
		append_rejects(out, report);
	}
	append_steps(out, "What else there is to see", report.queries);
	append_facts(out, report.facts);
	append_text(out, R"(<tr><td style="padding:20px 28px 24px 28px;font-size:12px;line-height:18px;color:#46525f">)",
				report.footer, kSectionEnd);
	out += "</table></td></tr></table></body>\n</html>\n";
	return out;
}

} // namespace vero
