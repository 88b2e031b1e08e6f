// Checks what the cells of a record show, and what becomes of them in their columns.
#include "core/inspect/record_survey.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace vero {
namespace {

Dialect with_null(std::string null_string)
{
	Dialect dialect;
	dialect.null_string = std::move(null_string);
	return dialect;
}

TEST(ShownValue, IsThatOfThePlainWay)
{
	for (std::string const text : {"", "a", " a", "a ", "a b", "\t", "NULL", "say \"\"a\"\"", "\xC2\xA0", "\xC2\xA0x",
								   "x\xE2\x80\x8B", "gr\xC3\xBC\xC3\x9F", "\x7F"}) {
		std::string const raw = "-" + text + "-";
		Record record{};
		record.raw = raw;
		auto const end = static_cast<std::uint32_t>(1 + text.size());
		for (unsigned flags = 0; flags < 8; ++flags) {
			Cell const cell{1, end, (flags & 1U) != 0, (flags & 2U) != 0, (flags & 4U) != 0};
			for (Dialect const &dialect : {Dialect(), with_null("NULL"), with_null("a")}) {
				std::string one, other;
				EXPECT_EQ(shown_value(record, cell, dialect, one), shown_value_slowly(record, cell, dialect, other))
					<< text << ' ' << flags << ' ' << dialect.null_string;
			}
		}
	}
}

} // namespace
} // namespace vero
