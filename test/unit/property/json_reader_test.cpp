// Checks that JSON is read as jsonb_in reads it, and what of it is refused.
#include "core/property/json_reader.hpp"
#include "support/plain_jsonb.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

Result<JsonbType> read(std::string_view text, std::string &out)
{
	JsonReader reader;
	return reader.read(text, out);
}

std::string why_not(std::string_view text)
{
	std::string out;
	auto const type = read(text, out);
	return type ? "none" : type.error();
}

std::string nested(std::size_t depth)
{
	return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST(JsonReader, SortsKeysAndKeepsTheLastOfEqualOnes)
{
	std::string out;
	EXPECT_EQ(read(R"( {"bb": "1", "a": "2", "bb" :"3", "c":"" } )", out), JsonbType::container);
	EXPECT_EQ(test::read_stored_object(out), (test::StoredMembers{{"a", "2"}, {"c", ""}, {"bb", "3"}}));
}

TEST(JsonReader, ReadsEscapes)
{
	std::string out;
	EXPECT_EQ(read(R"("\"\\\/\b\f\n\r\t\u00E4\u20ac\ud83d\uDE00")", out), JsonbType::string);
	EXPECT_EQ(out, "\"\\/\b\f\n\r\t\u00E4\u20AC\U0001F600");
}

TEST(JsonReader, KeepsNothingOfTheTextBefore)
{
	JsonReader reader;
	std::string out;
	EXPECT_FALSE(reader.read("[1, 2, {\"a\": [", out));
	EXPECT_EQ(reader.read("true", out), JsonbType::is_true);
	EXPECT_EQ(out, "");
}

TEST(JsonReader, RefusesWhatIsNoJson)
{
	for (std::string_view const text :
		 {"",  " ",	  "[",	   "{",	  "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}",	  "01",		  "1.",	   ".5", "+1", "1e",
		  "-", "nul", "truex", "'a'", "\"a",  "\"\\",	 "\"\\x\"",	 "\"\\u12\"", "\"a\nb\"", "[] []", "[}", "NaN"})
		EXPECT_NE(why_not(text), "none") << text;
	EXPECT_EQ(why_not("[1, x]"), "which is no JSON: \"x\" is unexpected as its character 5");
	EXPECT_EQ(why_not("[1"), "which is no JSON: it ends too early");
	EXPECT_NE(why_not("\"\\ud83d\""), "none");
	EXPECT_NE(why_not("\"\\ud83d\\n\""), "none");
	EXPECT_NE(why_not("\"\\ud83d\\u0041\""), "none");
	EXPECT_NE(why_not("\"\\ude00\""), "none");
	EXPECT_NE(why_not("\"\\u0000\""), "none");
}

TEST(JsonReader, HasLimits)
{
	EXPECT_EQ(why_not(nested(kMaxJsonDepth)), "none");
	EXPECT_EQ(why_not(nested(kMaxJsonDepth + 1)), "which is JSON with more than 100 levels");
	EXPECT_EQ(why_not("\"" + std::string(kMaxJsonSize - 2, 'x') + "\""), "none");
	EXPECT_EQ(why_not("\"" + std::string(kMaxJsonSize - 1, 'x') + "\""), "which is JSON of more than 1,048,576 bytes");
	// 131,072 digits each, when they are shown
	EXPECT_EQ(why_not("[1e131071,1e131071,1e131071,1e131071,1e131071,1e131071,1e131071]"), "none");
	EXPECT_EQ(why_not("[1e131071,1e131071,1e131071,1e131071,1e131071,1e131071,1e131071,1e131071]"),
			  "which is JSON of more than 1,048,576 bytes");
	EXPECT_NE(why_not("1e131072"), "none");
}

} // namespace vero
