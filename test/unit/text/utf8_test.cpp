// Checks the fast check of UTF-8 against its plain version.
#include "core/text/text.hpp"
#include "support/plain_utf8.hpp"

#include <gtest/gtest.h>
#include <random>

namespace vero {

namespace {

using namespace std::string_literals;

std::string bytes(std::initializer_list<int> values)
{
	std::string text;
	for (int const value : values) {
		text.push_back(static_cast<char>(value));
	}
	return text;
}

} // namespace

class Utf8Check : public testing::TestWithParam<bool (*)(std::string_view)> {};

TEST_P(Utf8Check, AcceptsTheFirstAndLastCharacterOfEveryForm)
{
	for (auto const &text : {""s, "\0"s, "\x7F"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xEC\xBF\xBF"s,
							 "\xED\x80\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s,
							 "\xF3\xBF\xBF\xBF"s, "\xF4\x8F\xBF\xBF"s}) {
		EXPECT_TRUE(GetParam()(text)) << testing::PrintToString(text);
	}
}

TEST_P(Utf8Check, RefusesOverlongFormsSurrogatesAndWhatIsCutOff)
{
	for (auto const &text : {"\x80"s,
							 "\xBF"s,
							 "\xC0\x80"s,
							 "\xC1\xBF"s,
							 "\xC2"s,
							 "\xC2\x7F"s,
							 "\xC2\xC0"s,
							 "\xE0\x80\x80"s,
							 "\xE0\x9F\xBF"s,
							 "\xE1\x80"s,
							 "\xE1\x80\x7F"s,
							 "\xED\xA0\x80"s,
							 "\xED\xBF\xBF"s,
							 "\xF0\x80\x80\x80"s,
							 "\xF0\x8F\xBF\xBF"s,
							 "\xF1\x80\x80"s,
							 "\xF4\x90\x80\x80"s,
							 "\xF5\x80\x80\x80"s,
							 "\xFE"s,
							 "\xFF"s,
							 "a\xC3"s}) {
		EXPECT_FALSE(GetParam()(text)) << testing::PrintToString(text);
	}
}

INSTANTIATE_TEST_SUITE_P(FastAndPlain, Utf8Check, testing::Values(is_utf8, test::is_utf8_plain));

TEST(Utf8, AgreesWithPlainOnAllStringsOfUpToThreeBytes)
{
	for (unsigned number = 0; number < 1U << 24; ++number) {
		char const text[] = {static_cast<char>(number), static_cast<char>(number >> 8),
							 static_cast<char>(number >> 16)};
		std::size_t const size = number < 1U << 8 ? 1 : number < 1U << 16 ? 2 : 3;
		for (std::size_t length = size; length <= 3; ++length) {
			std::string_view const view(text, length);
			ASSERT_EQ(is_utf8(view), test::is_utf8_plain(view)) << testing::PrintToString(std::string(view));
		}
	}
}

TEST(Utf8, AgreesWithPlainOnFourByteFormsAtEveryOffset)
{
	static constexpr unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xEF, 0xFF};
	for (std::size_t offset = 0; offset < 20; ++offset) {
		for (int lead = 0xEF; lead <= 0xFF; ++lead) {
			for (auto const second : edges) {
				for (auto const third : edges) {
					for (auto const fourth : edges) {
						auto const text = std::string(offset, 'a') + bytes({lead, second, third, fourth}) + "12345678";
						ASSERT_EQ(is_utf8(text), test::is_utf8_plain(text)) << testing::PrintToString(text);
						auto const cut = std::string_view(text).substr(0, offset + 4);
						ASSERT_EQ(is_utf8(cut), test::is_utf8_plain(cut)) << testing::PrintToString(text);
					}
				}
			}
		}
	}
}

TEST(Utf8, AgreesWithPlainOnRandomMixtures)
{
	static char const *const pieces[] = {
		"a",	"abcdefgh", "0123456789abcdef", "\xC3\xA9",		"\xE2\x82\xAC",	   "\xF0\x9F\x98\x80",
		"\x80", "\xC3",		"\xE2\x82",			"\xED\xA0\x80", "\xF4\x90\x80\x80"};
	std::mt19937 random(1);
	int well_formed = 0;
	for (int round = 0; round < 100'000; ++round) {
		std::string text;
		// Mostly from the well-formed pieces, so that both answers come up.
		for (auto count = random() % 12; count > 0; --count) {
			text += pieces[random() % (random() % 16 == 0 ? 11 : 6)];
		}
		for (std::size_t offset = 0; offset <= text.size() && offset < 17; ++offset) {
			auto const view = std::string_view(text).substr(offset);
			ASSERT_EQ(is_utf8(view), test::is_utf8_plain(view)) << testing::PrintToString(text) << " from " << offset;
		}
		well_formed += is_utf8(text) ? 1 : 0;
	}
	EXPECT_GT(well_formed, 10'000);
	EXPECT_LT(well_formed, 90'000);
}

} // namespace vero
