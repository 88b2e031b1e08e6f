// Where merge tags may stand in HTML, and what values may be there.
#include "core/campaign/template.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

/// Why it is refused, with the column; "" where it is not.
std::string fault_of(std::string_view html)
{
	auto const compiled = compile_template(html, TemplatePart::html);
	return compiled ? "" : std::to_string(compiled.error().column) + ": " + compiled.error().message;
}

std::string rendered(std::string_view html, std::string const &value, std::string const &other = "")
{
	auto const compiled = compile_template(html, TemplatePart::html);
	auto const find = [&](std::span<PathStep const> steps) {
		return std::optional(std::get<std::string>(steps[0]) == "v" ? value : other);
	};
	MergeValues const values{"", {0}, "", find, find};
	return render(*compiled, values).value();
}

TEST(HtmlPlace, TakesTextAndQuotedAttributes)
{
	for (auto const *html :
		 {"{{ event.v }}", "<p>{{ event.v }}</p>", "a < {{ event.v }} > b", "<title>{{ event.v }}</title>",
		  "<p title=\"{{ event.v }}\">", "<p title = 'a {{ event.v }} b' class=x>{{ event.v }}",
		  "<p/title=\"{{ event.v }}\">", "<style>p { }</style>{{ event.v }}", "<STYLE>p{}</Style >{{ event.v }}",
		  "<!-- a -->{{ event.v }}", "<!-->{{ event.v }}", "<!DOCTYPE html>{{ event.v }}",
		  "<a href=\"https://b.example/{{ event.v }}\">", "<a href='HTTP://b.example/{{ event.v }}'>",
		  "<a href=\"mailto:{{ event.v }}\">", "<img src=\"{{ event.v }}\">", "<a href=\"/x/{{ event.v }}\">",
		  "<a href=\"#{{ event.v }}\">", "</p x=\"{{ event.v }}\">"})
		EXPECT_EQ(fault_of(html), "") << html;
}

TEST(HtmlPlace, FindsTheEndBehindAnyLength)
{
	for (std::size_t size = 0; size < 200; ++size) {
		std::string const text(size, 'x');
		for (std::string const &html : {"<noframes>" + text + "</noframes>", "<style>" + text + "</style>",
										"<!--" + text + "-->", "<!--" + text + "--!>", "<!x" + text + ">"}) {
			EXPECT_EQ(fault_of(html + "{{ event.v }}"), "") << html;
			EXPECT_NE(fault_of(html.substr(0, html.size() - 1) + "{{ event.v }}"), "") << html;
		}
	}
}

TEST(HtmlPlace, RefusesAllElse)
{
	std::string const inside = "merge tag stands inside an HTML tag",
					  bare = "merge tag stands in an attribute's value without quotes",
					  comment = "merge tag stands in an HTML comment",
					  link = "link with a merge tag does not begin with https://, http:// or mailto:";
	EXPECT_EQ(fault_of("<{{ event.v }}>"), "2: " + inside);
	EXPECT_EQ(fault_of("</{{ event.v }}>"), "3: " + inside);
	EXPECT_EQ(fault_of("<a{{ event.v }}>"), "3: " + inside);
	EXPECT_EQ(fault_of("<a {{ event.v }}>"), "4: " + inside);
	EXPECT_EQ(fault_of("<a x{{ event.v }}=\"y\">"), "5: " + inside);
	EXPECT_EQ(fault_of("<a x=\"y\"{{ event.v }}>"), "9: " + inside);
	EXPECT_EQ(fault_of("<a x={{ event.v }}>"), "6: " + bare);
	EXPECT_EQ(fault_of("<a x=y{{ event.v }}>"), "7: " + bare);
	EXPECT_EQ(fault_of("<a x= {{- event.v }}>"), "7: " + bare);
	EXPECT_EQ(fault_of("<!-- {{ event.v }} -->"), "6: " + comment);
	EXPECT_EQ(fault_of("<!{{ event.v }}>"), "3: " + comment);
	EXPECT_EQ(fault_of("<style>{{ event.v }}</style>"), "8: merge tag stands in <style>");
	EXPECT_EQ(fault_of("<script>'</p>{{ event.v }}'</script>"), "14: merge tag stands in <script>");
	EXPECT_EQ(fault_of("<a onclick=\"{{ event.v }}\">"), "13: merge tag stands in a script");
	EXPECT_EQ(fault_of("<p style=\"color: {{ event.v }}\">"), "18: merge tag stands in a style");
	EXPECT_EQ(fault_of("<meta http-equiv=refresh content=\"0;url={{ event.v }}\">"), "41: merge tag stands in <meta>");
	EXPECT_EQ(fault_of("<a href=\"javascript:{{ event.v }}\">"), "21: " + link);
	EXPECT_EQ(fault_of("<a href=\"java{{ event.v }}\">"), "14: " + link);
	EXPECT_EQ(fault_of("<a href=\"java&#115;cript:{{ event.v }}\">"), "26: " + link);
	EXPECT_EQ(fault_of("<a href=\"{{ event.v }}javascript:{{ event.w }}\">"), "34: " + link);
}

TEST(HtmlPlace, LetsLinksBeginAsLinksOnly)
{
	constexpr auto *kLink = "<a href=\"{{ event.v }}\">";
	EXPECT_EQ(rendered(kLink, "https://b.example/?a=1&b"), "<a href=\"https://b.example/?a=1&amp;b\">");
	EXPECT_EQ(rendered(kLink, " HTTP://b.example"), "<a href=\" HTTP://b.example\">");
	EXPECT_EQ(rendered(kLink, "mailto:a@b.example"), "<a href=\"mailto:a@b.example\">");
	for (auto const *value : {"javascript:alert(1)", "JaVaScRiPt:x", "java\tscript:x", "\x01javascript:x",
							  "data:text/html,x", "//b.example", "/x", "b.example", "http:", ""})
		EXPECT_EQ(rendered(kLink, value), "<a href=\"\">") << value;
	constexpr auto *kTwo = "<a href=\"{{ event.v }}{{ event.w }}\">";
	EXPECT_EQ(rendered(kTwo, "java", "script:x"), "<a href=\"\">");
	EXPECT_EQ(rendered(kTwo, "https://b.example/", "a:b"), "<a href=\"https://b.example/a:b\">");
	EXPECT_EQ(rendered(kTwo, "", "https://b.example/"), "<a href=\"https://b.example/\">");
	EXPECT_EQ(rendered("<a href=\"https://b.example/{{ event.v }}\">", "javascript:\"x"),
			  "<a href=\"https://b.example/javascript:&quot;x\">");
}

/// As much of it as is remembered lies before, at and behind its end.
TEST(HtmlPlace, FindsTheEndOfWhatIsLongerThanItRemembers)
{
	for (std::size_t length = 0; length < 100; ++length) {
		std::string const filling(length, '-'), name(length, 'x');
		for (auto const &html : {"<!-- " + filling + " -->", "<!" + name + ">", "<style>" + filling + "</style>",
								 "<style>" + name + "</style>", "<script>" + filling + "</scripT>"})
			EXPECT_EQ(fault_of(html + "{{ event.v }}"), "") << html;
	}
}

} // namespace
} // namespace vero
