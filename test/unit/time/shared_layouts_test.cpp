// Checks which layouts are left when one time after the other is looked at.
#include "core/time/shared_layouts.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

using Names = std::vector<std::string_view>;

TEST(SharedLayouts, AreThoseThatReadEachText)
{
	SharedLayouts layouts;
	EXPECT_EQ(layouts.names(), Names{});
	layouts.add("01/02/2022 3:04 PM");
	EXPECT_EQ(layouts.names(), (Names{"%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M %p"}));
	layouts.add("03/31/2022 12:00 am");
	EXPECT_EQ(layouts.names(), Names{"%m/%d/%Y %I:%M %p"});
	layouts.add("31/31/2022 12:00 am");
	EXPECT_EQ(layouts.names(), Names{});
	layouts.add("01/02/2022 3:04 PM");
	EXPECT_EQ(layouts.names(), Names{});
}

TEST(SharedLayouts, AreNoneOfATextThatIsNoTime)
{
	for (std::string const &text : {std::string(), std::string("never"), std::string(1000, '1'), std::string("\xFF")}) {
		SharedLayouts layouts;
		layouts.add(text);
		EXPECT_EQ(layouts.names(), Names{}) << text;
	}
}

} // namespace
} // namespace vero
