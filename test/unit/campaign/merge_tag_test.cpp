// Checks merge tags: paths, filters, and how each mistake is named.
#include "core/campaign/merge_tag.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace std::string_literals;

using Steps = std::vector<PathStep>;

MergeTag tag_of(std::string_view content)
{
	auto parsed = parse_merge_tag(content);
	EXPECT_TRUE(parsed) << content << ": " << (parsed ? "" : parsed.error().message);
	return parsed.value_or(MergeTag{});
}

/// With the place before it: `7: unknown filter "x"`.
std::string error_of(std::string_view content)
{
	auto const parsed = parse_merge_tag(content);
	return parsed ? "none" : std::to_string(parsed.error().offset) + ": " + parsed.error().message;
}

std::string hint_of(std::string_view content)
{
	auto const parsed = parse_merge_tag(content);
	return parsed ? "none" : parsed.error().hint;
}

} // namespace

TEST(MergeTag, KnowsFieldsAndProperties)
{
	EXPECT_EQ(tag_of("event.name"), (MergeTag{MergeField::event_name, {}, {}}));
	EXPECT_EQ(tag_of("event.occurred_at"), (MergeTag{MergeField::event_occurred_at, {}, {}}));
	EXPECT_EQ(tag_of("contact.email"), (MergeTag{MergeField::contact_email, {}, {}}));
	EXPECT_EQ(tag_of("event.item_type"), (MergeTag{MergeField::event_property, {"item_type"}, {}}));
	EXPECT_EQ(tag_of("contact.first_name"), (MergeTag{MergeField::contact_property, {"first_name"}, {}}));
	// Each root has fields of its own.
	EXPECT_EQ(tag_of("event.email"), (MergeTag{MergeField::event_property, {"email"}, {}}));
	EXPECT_EQ(tag_of("contact.name"), (MergeTag{MergeField::contact_property, {"name"}, {}}));
}

TEST(MergeTag, ReachesPropertiesThatHaveTheNameOfAField)
{
	EXPECT_EQ(tag_of("event.properties.name"), (MergeTag{MergeField::event_property, {"name"}, {}}));
	EXPECT_EQ(tag_of("event[\"properties\"]['name']"), (MergeTag{MergeField::event_property, {"name"}, {}}));
	EXPECT_EQ(tag_of("contact.properties.email"), (MergeTag{MergeField::contact_property, {"email"}, {}}));
	EXPECT_EQ(tag_of("event.properties.properties"), (MergeTag{MergeField::event_property, {"properties"}, {}}));
	EXPECT_EQ(tag_of("event[\"name\"]"), (MergeTag{MergeField::event_name, {}, {}}));
}

TEST(MergeTag, ReadsSteps)
{
	EXPECT_EQ(tag_of("event.a.b").steps, (Steps{"a", "b"}));
	EXPECT_EQ(tag_of("event.a[0].b[-1]").steps, (Steps{"a", 0, "b", -1}));
	EXPECT_EQ(tag_of("event[\"it's\"]['say \"x\"']").steps, (Steps{"it's", "say \"x\""}));
	EXPECT_EQ(tag_of("event.item-type.1st._x").steps, (Steps{"item-type", "1st", "_x"}));
	EXPECT_EQ(tag_of("event.gr\xC3\xB6\xC3\x9F\x65").steps, (Steps{"gr\xC3\xB6\xC3\x9F\x65"}));
	EXPECT_EQ(tag_of("event[\"\"]").steps, (Steps{""}));
	EXPECT_EQ(tag_of("event['a\\']").steps, (Steps{"a\\"}));
	EXPECT_EQ(tag_of("event.a[2147483647][-2147483648]").steps, (Steps{"a", 2147483647, -2147483647 - 1}));
}

TEST(MergeTag, AllowsWhiteSpaceBetweenAll)
{
	EXPECT_EQ(tag_of(" \t\n\v\f\revent . a [ 0 ] [ 'b' ] | default : 'x' | upcase "),
			  tag_of("event.a[0]['b']|default:'x'|upcase"));
	EXPECT_EQ(error_of("event.a b"), "8: expected \"|\" or the end of the tag, found \"b\"");
	EXPECT_EQ(error_of("event.a\xC2\xA0"), "7: expected \"|\" or the end of the tag, found \"\\u00A0\" (U+00A0)");
}

TEST(MergeTag, ReadsFilters)
{
	EXPECT_EQ(
		tag_of("event.a | default: \"it's\" | fallback: 'x' | default: -1.50 | downcase | upcase | date: '%Y'").filters,
		(std::vector<Filter>{{FilterKind::fallback, "it's"},
							 {FilterKind::fallback, "x"},
							 {FilterKind::fallback, "-1.50"},
							 {FilterKind::downcase, ""},
							 {FilterKind::upcase, ""},
							 {FilterKind::date, "%Y"}}));
	EXPECT_EQ(tag_of("event.a | default: ''").filters, (std::vector<Filter>{{FilterKind::fallback, ""}}));
	// Nothing is escaped in quotes, and a bar or a brace is text there.
	EXPECT_EQ(tag_of(R"(event.a | default: "a\n | } {")").filters,
			  (std::vector<Filter>{{FilterKind::fallback, R"(a\n | } {)"}}));
}

TEST(MergeTag, NamesWhatIsWrongWithAPath)
{
	EXPECT_EQ(error_of(""), "0: merge tag is empty");
	EXPECT_EQ(error_of("  "), "2: merge tag is empty");
	EXPECT_EQ(error_of("'x'"), "0: merge tag begins with a text or a number");
	EXPECT_EQ(error_of(" 12"), "1: merge tag begins with a text or a number");
	EXPECT_EQ(error_of("| upcase"), "0: expected a path, found \"|\"");
	EXPECT_EQ(error_of("-event.a"), "0: expected a path, found \"-\"");
	EXPECT_EQ(error_of("Event.name"), "0: unknown root \"Event\"");
	EXPECT_EQ(error_of("events.name"), "0: unknown root \"events\"");
	EXPECT_EQ(error_of("event"), "0: \"event\" is no value");
	EXPECT_EQ(error_of("contact | upcase"), "0: \"contact\" is no value");
	EXPECT_EQ(error_of("event.properties"), "0: \"event.properties\" is no value");
	EXPECT_EQ(error_of("event[0]"), "0: \"event\" is no list");
	EXPECT_EQ(error_of("event.properties[0]"), "0: \"event.properties\" is no list");
	EXPECT_EQ(error_of("event.name.first"), "0: \"event.name\" has nothing below it");
	EXPECT_EQ(hint_of("event.name.first"), "A property of that name is event.properties.name.");
	EXPECT_EQ(error_of("event."), "6: expected a name, found the end of the tag");
	EXPECT_EQ(error_of("event..a"), "6: expected a name, found \".\"");
	EXPECT_EQ(error_of("event.-a"), "6: expected a name, found \"-\"");
	EXPECT_EQ(error_of("event[a]"), "6: expected a name in quotes or an index, found \"a\"");
	EXPECT_EQ(error_of("event['a'"), "9: expected \"]\", found the end of the tag");
	EXPECT_EQ(error_of("event['a"), "6: text in quotes is not closed");
	EXPECT_EQ(error_of("event['a\"]"), "6: text in quotes is not closed");
	EXPECT_EQ(error_of("event['it''s']"), "10: expected \"]\", found \"'\"");
	EXPECT_EQ(error_of("event.a[1.5]"), "8: \"1.5\" is no index");
	EXPECT_EQ(error_of("event.a[2147483648]"), "8: \"2147483648\" is no index");
	EXPECT_EQ(error_of("event.a[--1]"), "8: expected a name in quotes or an index, found \"-\"");
}

TEST(MergeTag, NamesWhatIsWrongWithAFilter)
{
	EXPECT_EQ(error_of("event.a |"), "9: expected a filter, found the end of the tag");
	EXPECT_EQ(error_of("event.a || upcase"), "9: expected a filter, found \"|\"");
	EXPECT_EQ(error_of("event.a | nosuch"), "10: unknown filter \"nosuch\"");
	EXPECT_EQ(error_of("event.a | Upcase"), "10: unknown filter \"Upcase\"");
	EXPECT_EQ(hint_of("event.a | nosuch"), "Known filters: date, default, downcase, fallback, upcase.");
	EXPECT_EQ(error_of("event.a | raw"), "10: unknown filter \"raw\"");
	EXPECT_EQ(error_of("event.a | safe"), "10: unknown filter \"safe\"");
	EXPECT_EQ(error_of("event.a | default"), "10: filter \"default\" takes one argument");
	EXPECT_EQ(error_of("event.a | default: 'a', 'b'"), "10: filter \"default\" takes one argument");
	EXPECT_EQ(error_of("event.a | default:"), "18: expected a text in quotes or a number, found the end of the tag");
	EXPECT_EQ(error_of("event.a | default: 'a',"),
			  "23: expected a text in quotes or a number, found the end of the tag");
	EXPECT_EQ(error_of("event.a | default: contact.b"), "19: expected a text in quotes or a number, found \"c\"");
	EXPECT_EQ(error_of("event.a | default: 'a"), "19: text in quotes is not closed");
	EXPECT_EQ(error_of("event.a | upcase: 1"), "10: filter \"upcase\" takes no argument");
	EXPECT_EQ(error_of("event.a | date"), "10: filter \"date\" takes one argument");
	EXPECT_EQ(error_of("event.a | date: 5"), "10: filter \"date\" takes a text in quotes");
	EXPECT_EQ(error_of("event.a | date: ''"), "17: layout of filter \"date\" is empty");
	EXPECT_EQ(error_of("event.a | date: '%Y %Q'"), "20: unknown letter \"%Q\" in the layout of filter \"date\"");
	EXPECT_EQ(error_of("event.a | date: '%-B'"), "17: unknown letter \"%-B\" in the layout of filter \"date\"");
	EXPECT_EQ(error_of("event.a | date: '50%'"), "19: unknown letter \"%\" in the layout of filter \"date\"");
	EXPECT_EQ(error_of("event.a | date: '%\xC3\xA9'"),
			  "17: unknown letter \"%\xC3\xA9\" in the layout of filter \"date\"");
}

TEST(MergeTag, KeepsMessagesOnOneLine)
{
	EXPECT_EQ(error_of("event.a | date: '%\n'"), "17: unknown letter \"%\\n\" in the layout of filter \"date\"");
	EXPECT_EQ(error_of("event.a \x1B"), "8: expected \"|\" or the end of the tag, found U+001B");
	EXPECT_EQ(error_of("event.a | " + std::string(61, 'x')), "10: unknown filter \"" + std::string(60, 'x') + "...\"");
}

TEST(MergeTag, NamesQuotesOfTypography)
{
	EXPECT_EQ(error_of("event.a | default: \xE2\x80\x9Cx\xE2\x80\x9D"),
			  "19: expected a text in quotes or a number, found \"\xE2\x80\x9C\" (U+201C)");
	EXPECT_EQ(hint_of("event.a | default: \xE2\x80\x9Cx\xE2\x80\x9D"),
			  "Texts stand in straight quotes: \"...\" or '...'.");
	EXPECT_EQ(hint_of("event[\xE2\x80\x98x\xE2\x80\x99]"), "Texts stand in straight quotes: \"...\" or '...'.");
}

TEST(MergeTag, TellsThePath)
{
	for (std::string_view path : {"event.name", "event.occurred_at", "contact.email", "event.item_type",
								  "contact.größe", "event[\"Item type\"]", "event['12\" rule']", "event.items[0].sku",
								  "event.items[-1]", "event.properties.name", "contact.properties.email",
								  "event.properties.properties", "event.email", "event[\"\"]"})
		EXPECT_EQ(path_of(tag_of(path)), path);
	EXPECT_EQ(path_of(tag_of("event [ 'a' ] | default: 'b'")), "event.a");
}

TEST(MergeTag, LimitsStepsAndFilters)
{
	std::string path = "event";
	for (std::size_t i = 0; i < kMaxPathSteps; ++i) {
		path += ".a";
	}
	EXPECT_EQ(tag_of(path).steps.size(), kMaxPathSteps);
	EXPECT_EQ(error_of(path + ".a"), "37: path has more than 16 steps");
	EXPECT_EQ(error_of(path + "[0]"), "37: path has more than 16 steps");

	std::string filters = "event.a";
	for (std::size_t i = 0; i < kMaxTagFilters; ++i) {
		filters += "|upcase";
	}
	EXPECT_EQ(tag_of(filters).filters.size(), kMaxTagFilters);
	EXPECT_EQ(error_of(filters + "|upcase"), "231: merge tag has more than 32 filters");
}

} // namespace vero
