// Checks Unicode's normal forms.
#include "core/text/normal_form.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

std::string mapped(void (*normalize)(CodePoints &), std::string_view text)
{
	CodePoints points = to_code_points(text);
	normalize(points);
	std::string normal = "kept ";
	append_text(normal, points);
	return normal.substr(5);
}

} // namespace

TEST(NormalForm, TakesLettersAndMarksApart)
{
	EXPECT_EQ(mapped(decompose, ""), "");
	EXPECT_EQ(mapped(decompose, "plain"), "plain");
	EXPECT_EQ(mapped(decompose, "\u00E9"), "e\u0301");
	EXPECT_EQ(mapped(decompose, "\u1EBF"), "e\u0302\u0301");
	EXPECT_EQ(mapped(decompose, "\uAC01"), "\u1100\u1161\u11A8");
	EXPECT_EQ(mapped(decompose, "\uFF21"), "\uFF21"); // no compatible one: it looks different
}

TEST(NormalForm, PutsMarksInOrder)
{
	EXPECT_EQ(mapped(decompose, "a\u0301\u0323b\u0301\u0323"), "a\u0323\u0301b\u0323\u0301");
	EXPECT_EQ(mapped(decompose, "\u0301\u0323"), "\u0323\u0301");
	// Of one class they stay as they are: which one is nearer to the letter is seen.
	EXPECT_EQ(mapped(decompose, "a\u0301\u0300"), "a\u0301\u0300");
}

TEST(NormalForm, PutsLettersAndMarksTogether)
{
	EXPECT_EQ(mapped(compose, "e\u0301"), "\u00E9");
	EXPECT_EQ(mapped(compose, "e\u0301\u0302"), "\u00E9\u0302");
	EXPECT_EQ(mapped(compose, "\u1100\u1161\u11A8"), "\uAC01");
	EXPECT_EQ(mapped(compose, "\u0958"), "\u0915\u093C"); // one of those that are never put together
	EXPECT_EQ(mapped(compose, "\u2126"), "\u03A9");
}

TEST(NormalForm, LeavesOnlyTextAloneThatIsComposed)
{
	// Each pair around the first mark: what is left as it stands must be what the plain way makes of it.
	constexpr std::int32_t behind_first_marks = 0x310;
	for (std::int32_t first = 0; first < behind_first_marks; ++first) {
		for (std::int32_t second = 0; second < behind_first_marks; ++second) {
			CodePoints points{first, second};
			CodePoints plain = points;
			compose(points);
			compose_plainly(plain);
			ASSERT_EQ(points, plain) << first << ' ' << second;
		}
	}
}

TEST(NormalForm, FoldsCase)
{
	EXPECT_EQ(mapped(fold_case, "A\u0301"), "a\u0301");
	EXPECT_EQ(mapped(fold_case, "\u00DF"), "ss");
	EXPECT_EQ(mapped(fold_case, "\u0390"), "\u03B9\u0308\u0301");
	EXPECT_EQ(mapped(fold_case, "\u0130"), "i\u0307");
	EXPECT_EQ(mapped(fold_case, "\u0131"), "\u0131");
}

} // namespace vero
