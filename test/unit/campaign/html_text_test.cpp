// What people see of an HTML body.
#include "core/campaign/html_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vero {
namespace {

TEST(HtmlText, FindsNothingToSee)
{
	for (auto const *html : {"",
							 " \r\n\t",
							 "<p></p>",
							 "<P>\n</P >",
							 "<!DOCTYPE html><html><head><title>Hi</title></head><body></body></html>",
							 "<style>p { color: red }</style>",
							 "<STYLE>p > a</Style >",
							 "<script>x = '<p>Hi</p>'</script>",
							 "<!-- Hi -->",
							 "<!-->",
							 "<!--->",
							 "<!-- a > b -->",
							 "<!--[if mso]>Hi<![endif]-->",
							 "<?xml version=\"1.0\"?>",
							 "<p title=\"a > b\">",
							 "<p title = 'a > b' class=x>",
							 "<p \">",
							 "&nbsp;",
							 "<p>&nbsp;&#160;&#xA0;&#XA0;</p>",
							 "&zwnj;&shy;&#8203;&#x200b;",
							 "\u00A0\u200B",
							 "<br><hr/>",
							 "<a href=\"https://b.example/\"></a>",
							 "<p",
							 "<p title=\"",
							 "<!-- Hi",
							 "<style>Hi",
							 "<title>Hi",
							 "<imgx>",
							 "</img>"})
		EXPECT_TRUE(is_blank_html(html)) << html;
}

TEST(HtmlText, FindsWhatIsSeen)
{
	for (auto const *html : {"Hi",
							 "<p>Hi</p>",
							 "<p></p>.",
							 "<!-- -->Hi",
							 "<!-->Hi",
							 "<!--->Hi",
							 "<style></style>Hi",
							 "<style>p</styles></style>Hi",
							 "<img src=\"https://b.example/a.png\">",
							 "<p><IMG></p>",
							 "<img",
							 "<svg></svg>",
							 "<video>",
							 "&amp;",
							 "&lt;",
							 "&hearts;",
							 "&#65;",
							 "&#x41;",
							 "&",
							 "&;",
							 "&#;",
							 "&#x;",
							 "&#99999999;",
							 "&#x110000;",
							 "&nbsp",
							 "a < b",
							 "< p>",
							 "<3",
							 "<",
							 "<p title=a\"b>Hi",
							 "<p \">Hi",
							 "\u00FC"})
		EXPECT_FALSE(is_blank_html(html)) << html;
}

TEST(HtmlText, TakesTimeInProportion)
{
	std::string const ends = "<style>" + std::string(1024 * 1024, '<') + "/";
	EXPECT_TRUE(is_blank_html(ends));
	std::string tags;
	for (int i = 0; i < 100'000; i++)
		tags += "<p>&nbsp;";
	EXPECT_TRUE(is_blank_html(tags));
	EXPECT_FALSE(is_blank_html(tags + "x"));
}

} // namespace
} // namespace vero
