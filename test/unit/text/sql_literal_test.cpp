// Checks that a literal is the text that it was made of, wherever it is pasted.
#include "core/text/sql_literal.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

TEST(SqlLiteral, QuotesTexts)
{
	EXPECT_EQ(sql_literal(""), "''");
	EXPECT_EQ(sql_literal("/data/a b.csv"), "'/data/a b.csv'");
	EXPECT_EQ(sql_literal("it's \"\xC3\xA9\" $$ :x --"), "'it''s \"\xC3\xA9\" $$ :x --'");
}

TEST(SqlLiteral, EscapesWhatPsqlWouldTakeForSomethingElse)
{
	EXPECT_EQ(sql_literal("C:\\it's"), "E'C:\\\\it''s'");
	EXPECT_EQ(sql_literal("\t\n\r"), "E'\\t\\n\\r'");
	EXPECT_EQ(sql_literal("\x01"
						  "f\x7F"),
			  "E'\\x01f\\x7F'");
}

} // namespace
} // namespace vero
