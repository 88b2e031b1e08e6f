// Checks domain names in the ASCII that DNS and SMTP speak.
#include "core/mail/idn.hpp"

#include <gtest/gtest.h>

namespace vero {

TEST(Idn, LeavesAsciiAlone)
{
	for (auto const *const domain : {"example.com", "EXAMPLE.Com", "xn--bcher-kva.example", "a_b.c", ""}) {
		EXPECT_EQ(to_ascii_domain(domain), domain);
	}
}

TEST(Idn, WritesLabelsBeyondAsciiAsALabels)
{
	EXPECT_EQ(to_ascii_domain("b\xC3\xBC\x63her.example"), "xn--bcher-kva.example");
	EXPECT_EQ(to_ascii_domain("B\xC3\x9C\x43HER.Example"), "xn--bcher-kva.example");
	EXPECT_EQ(to_ascii_domain("bu\xCC\x88\x63her.example"), "xn--bcher-kva.example"); // a composed letter
	EXPECT_EQ(to_ascii_domain("stra\xC3\x9F\x65.de"), "xn--strae-oqa.de");			  // not strasse.de
	EXPECT_EQ(to_ascii_domain("\xE4\xBE\x8B\xE3\x81\x88.jp"), "xn--r8jz45g.jp");
}

TEST(Idn, GivesNothingForWhatIsNoDomain)
{
	EXPECT_EQ(to_ascii_domain("\xE2\x98\x83\xE2\x80\x8B\xFF.com"), std::nullopt); // not UTF-8
	EXPECT_EQ(to_ascii_domain("-\xC3\xA9-.com"), std::nullopt);
	EXPECT_EQ(to_ascii_domain("\xCC\x88\x61.com"), std::nullopt); // begins with a combining mark
	std::string too_long;
	for (int i = 0; i < 63; ++i) {
		too_long += "\xC3\xA9";
	}
	EXPECT_EQ(to_ascii_domain(too_long + ".com"), std::nullopt);
}

} // namespace vero
