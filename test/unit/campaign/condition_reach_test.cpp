// What a campaign's condition reads.
#include "core/campaign/condition_reach.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

using Keys = std::vector<std::string>;

void expect_reach(std::string_view jsonpath, Keys const &event_keys, Keys const &contact_keys)
{
	std::optional<ConditionReach> const reach = find_condition_reach(jsonpath);
	ASSERT_TRUE(reach) << jsonpath;
	EXPECT_EQ(reach->event_keys, event_keys) << jsonpath;
	EXPECT_EQ(reach->contact_keys, contact_keys) << jsonpath;
}

TEST(ConditionReach, NamesTheMembersOnce)
{
	expect_reach(
		R"(($."event"."item" == "hat" || $."event"."n".double() > 2 && $."event"."item" == $."contact"."plan"))",
		{"item", "n"}, {"plan"});
	expect_reach(R"(strict exists ($."event"."items"[*]?(@."event" > 1)))", {"items"}, {});
	expect_reach(R"(($."contact"."email" starts with "a"))", {}, {"email"});
	expect_reach(R"(($."event"."" == 1))", {""}, {});
	expect_reach("true", {}, {});
	expect_reach("", {}, {});
}

TEST(ConditionReach, IsUnknownWhereAPathMayReadAnything)
{
	for (char const *jsonpath :
		 {"$", R"($."event")", R"(($."event".* == 1))", R"(exists ($."event"?(@."contact" > 1)))", R"(($.** == 1))",
		  R"(($[*]."contact"."plan" == 1))", R"(exists ($?(@."contact"."plan" == 1)))", R"(($"event" == 1))",
		  R"(($."event"."a" == 1 && $."contact" == 2))", R"(($."order"."a" == 1))", R"(($."event".size() == 1))",
		  R"(($."event"."a\"b" == 1))", R"(($."event"."never closed)", R"($."event".")", R"($."event"."\)"})
		EXPECT_FALSE(find_condition_reach(jsonpath)) << jsonpath;
}

TEST(ConditionReach, AStringIsNoPath)
{
	expect_reach(R"(($."event"."$" == "$.\"contact\"$" && $."event"."b" == "\\" && "$" == $."event"."c"))",
				 {"$", "b", "c"}, {});
	expect_reach(R"(($."event"."x" like_regex "^$\"$" flag "i"))", {"x"}, {});
	expect_reach(R"(($."event"."a" == "never closed $)", {"a"}, {});
	EXPECT_FALSE(find_condition_reach(R"(($."event"."a" == "\"" && $ == ""))"));
}

} // namespace
} // namespace vero
