// Checks what is said where a header was not understood: that the option which is named is the one that helps.
#include "core/intake/header_help.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

FileBeginning beginning_of(std::string text, std::vector<ColumnTarget> targets = {})
{
	return {std::move(text), Dialect(), {',', ';'}, 0, 1000, std::move(targets), false, Notation::function};
}

/// What is said of names that stand in the first line of the text.
FileFailure explain(std::vector<std::string> const &names, FileBeginning const &beginning, char delimiter = ',')
{
	auto const resolved = resolve_header(names, beginning.targets, beginning.has_event_name);
	return explain_failure(resolved.error(), {delimiter, names, names.size(), 1, true}, beginning);
}

} // namespace

TEST(HeaderHelp, ProposesTheColumnsWhoseValuesAreSuch)
{
	auto const failure =
		explain({"a", "b", "c"}, beginning_of("a;b;c\n1;x@y.zz;2022-01-01\n2;;\n3;z@y.zz;2022-01-02 13:05Z\n"), ';');
	EXPECT_EQ(failure.message, "the file has no email column, no name column and no time column");
	EXPECT_EQ(failure.hint,
			  "With delimiter \";\" its columns are: \"a\", \"b\", \"c\". Column 2, \"b\", holds addresses. Column 3, "
			  "\"c\", holds times. Say what is what: columns => '{\"email\": \"b\", \"time\": \"c\"}', "
			  "event_name => '...'.");
}

TEST(HeaderHelp, KeepsTheColumnsThatAreTold)
{
	std::vector<ColumnTarget> const targets{{"name", "it's"}, {"notes", std::nullopt}, {"time", "day", "hour"}};
	auto const failure =
		explain({"it's", "notes", "day", "hour", "x\"y"},
				beginning_of("it's,notes,day,hour,\"x\"\"y\"\na,b,2022-01-01,10:00,x@y.zz\n", targets));
	EXPECT_TRUE(
		failure.hint.ends_with("columns => '{\"name\": \"it''s\", \"notes\": null, \"time\": [\"day\", \"hour\"], "
							   "\"email\": \"x\\\"y\"}'."))
		<< failure.hint;
}

TEST(HeaderHelp, FindsTheHeaderBelow)
{
	EXPECT_EQ(find_header_below(beginning_of("Title\n\nemail;event;time\n")), 3U);
	EXPECT_EQ(find_header_below(beginning_of("\"Title\nof\nemail,event,time\n")), 3U);
	// a record with an address or a time is none
	EXPECT_EQ(find_header_below(beginning_of("who,by,when\na@b.co,email,x\n")), std::nullopt);
	EXPECT_EQ(find_header_below(beginning_of("who,by,when\nx,email,2022-01-01\n")), std::nullopt);
	std::string titles;
	for (std::uint64_t i = 0; i < kSearchedLines; i++)
		titles += "title\n";
	EXPECT_EQ(find_header_below(beginning_of(titles + "email,event,time\n")), kSearchedLines + 1);
	EXPECT_EQ(find_header_below(beginning_of(titles + "title\nemail,event,time\n")), std::nullopt);
}

TEST(HeaderHelp, KnowsLinesInQuotes)
{
	EXPECT_TRUE(are_lines_quoted(beginning_of("\"email,event,time\"\n\"a@b.co,x,2022-01-01\"\n")));
	EXPECT_TRUE(are_lines_quoted(beginning_of("\"email;event\"\r\n")));
	EXPECT_FALSE(are_lines_quoted(beginning_of("\"email,event\",time\n")));
	EXPECT_FALSE(are_lines_quoted(beginning_of("\"email\"\n")));
	EXPECT_FALSE(are_lines_quoted(beginning_of("email,event\n")));
	EXPECT_FALSE(are_lines_quoted(beginning_of("\"email,event\"\nx,y\n")));
	EXPECT_FALSE(are_lines_quoted(beginning_of("")));
}

TEST(HeaderHelp, WritesOptionsAsTheyAreCalled)
{
	EXPECT_EQ(write_option(Notation::function, "skip_lines", std::uint64_t{2}), "skip_lines => 2");
	EXPECT_EQ(write_option(Notation::copy, "skip_lines", std::uint64_t{2}), "skip_lines 2");
	EXPECT_EQ(write_option(Notation::copy, "encoding", "a'b"), "encoding 'a''b'");
}

} // namespace vero
