// Checks what is made of an SMTP server's reply to EHLO.
#include "core/smtp/smtp_server.hpp"

#include <gtest/gtest.h>
#include <initializer_list>
#include <limits>

namespace vero {

namespace {

SmtpAbilities after(std::initializer_list<std::string_view> lines)
{
	SmtpAbilities abilities;
	for (std::string_view const line : lines) {
		abilities.note_line(line);
	}
	return abilities;
}

} // namespace

TEST(SmtpAbilities, AreWhatTheServerNames)
{
	EXPECT_EQ(after({}), SmtpAbilities{});
	EXPECT_EQ(after({"250-mx.example", "250 8BITMIME\r\n"}), SmtpAbilities{});
	EXPECT_EQ(after({"220 mx.example\r\n", "250-mx.example\r\n", "250-PIPELINING\r\n", "250-size 35882577\r\n",
					 "250-AUTH PLAIN LOGIN\r\n", "250 SmtpUtf8\r\n"}),
			  (SmtpAbilities{true, true, true, 35'882'577}));
	EXPECT_TRUE(after({"250 AUTH=PLAIN"}).has_auth);
}

TEST(SmtpAbilities, AreNamedByWholeWords)
{
	EXPECT_EQ(after({"250-AUTHOR", "250-PIPELININGS", "250-SMTPUTF", "250 XSIZE 5"}), SmtpAbilities{});
	EXPECT_EQ(after({"550 AUTH", "25", "250", "250 "}), SmtpAbilities{});
}

TEST(SmtpAbilities, HaveASizeThatMayBeUnlimited)
{
	EXPECT_EQ(after({"250 SIZE"}).max_size, 0U);
	EXPECT_EQ(after({"250 SIZE 0"}).max_size, 0U);
	EXPECT_EQ(after({"250 SIZE many"}).max_size, 0U);
	EXPECT_EQ(after({"250 SIZE 99999999999999999999999"}).max_size, std::numeric_limits<std::uint64_t>::max());
}

TEST(SmtpAbilities, SaidBeforeTlsDoNotCount)
{
	EXPECT_EQ(after({"250-PIPELINING", "250 AUTH PLAIN", "220 go ahead", "250 SIZE 7"}).has_auth, false);
	EXPECT_EQ(after({"250-PIPELINING", "250 AUTH PLAIN", "220 go ahead", "250 SIZE 7"}).max_size, 7U);
}

} // namespace vero
