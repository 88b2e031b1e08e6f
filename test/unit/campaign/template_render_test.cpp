// Checks rendered templates: that no value gets out of its place, whatever it holds, and how large a text may be.
#include "support/template_values.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace test;
using namespace std::string_literals;

} // namespace

TEST(TemplateRender, DropsNulFromBodies)
{
	EXPECT_EQ(item_in(TemplatePart::text, "a\0\0b\0"s), "[ab]");
	EXPECT_EQ(item_in(TemplatePart::html, "<\0script\0>"s), "[&lt;script&gt;]");
}

TEST(TemplateRender, EscapesEveryValueInHtml)
{
	EXPECT_EQ(item_in(TemplatePart::html, "<a href=\"x\" b='y'>&amp;</a>"),
			  "[&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;]");
	auto values = example_values();
	values.event_name = "<name>";
	values.contact_email = "o'hara&co@example.com";
	values.find_contact_property = find_in("first_name", "\"Ada\"");
	EXPECT_EQ(rendered("<b title=\"{{ contact.first_name }}\">{{ event.name }}</b> {{ contact.email }}",
					   TemplatePart::html, values),
			  "<b title=\"&quot;Ada&quot;\">&lt;name&gt;</b> o&#39;hara&amp;co@example.com");
	// An entity that stands in the value is the value's text.
	EXPECT_EQ(item_in(TemplatePart::html, "&lt;"), "[&amp;lt;]");
}

TEST(TemplateRender, EscapesWhatFiltersMake)
{
	auto const values = values_with("<i>");
	EXPECT_EQ(rendered("{{ event.item_type | upcase }}", TemplatePart::html, values), "&lt;I&gt;");
	EXPECT_EQ(rendered("{{ event.x | default: '<br>' }}", TemplatePart::html, values), "&lt;br&gt;");
	EXPECT_EQ(rendered("{{ event.occurred_at | date: '<b>%Y</b>' }}", TemplatePart::html, values),
			  "&lt;b&gt;2022&lt;/b&gt;");
	EXPECT_EQ(rendered("{{ event.item_type | date: '%Y' | default: '\"' }}", TemplatePart::html, values), "&lt;i&gt;");
}

TEST(TemplateRender, NeverSearchesValuesForTags)
{
	for (auto const *const value : {"{{ contact.email }}", "{{", "}}", "{% if %}", "{{- event.name -}}", "$1 %s \\1"}) {
		EXPECT_EQ(item_in(TemplatePart::text, value), "[" + std::string(value) + "]");
		EXPECT_EQ(item_in(TemplatePart::subject, value), "[" + std::string(value) + "]");
		EXPECT_EQ(rendered("{{ event.x | default: '{{ event.name' }}", TemplatePart::text, values_with(value)),
				  "{{ event.name");
	}
	// Nor does a tag come about between two values, or a value and the text round it.
	EXPECT_EQ(rendered("{{ event.item_type }}{ event.name }}", TemplatePart::text, values_with("{")),
			  "{{ event.name }}");
}

TEST(TemplateRender, LimitsTheSizeOfWhatItRenders)
{
	auto const failed = "failed: rendered text is larger than 1 MB"s;
	for (auto const part : {TemplatePart::subject, TemplatePart::text, TemplatePart::html}) {
		std::string const most(kMaxRenderedSize, 'x');
		EXPECT_EQ(rendered("{{ event.item_type }}", part, values_with(most)), most);
		EXPECT_EQ(rendered("{{ event.item_type }}", part, values_with(most + "x")), failed);
		EXPECT_EQ(rendered("a{{ event.item_type }}", part, values_with(most)), failed);
		EXPECT_EQ(rendered("{{ event.item_type }}a", part, values_with(most)), failed);
		EXPECT_EQ(rendered("{{ event.item_type }}{{ event.item_type }}", part, values_with(most)), failed);
	}
	// As references they take five times the room, and as capitals some letters take more.
	std::string const signs(kMaxRenderedSize / 5, '&');
	EXPECT_EQ(rendered("{{ event.item_type }}", TemplatePart::html, values_with(signs)).size(), signs.size() * 5);
	EXPECT_EQ(rendered("{{ event.item_type }}", TemplatePart::html, values_with(signs + "&")), failed);
	auto const grows = repeated("\xC9\x90", kMaxRenderedSize / 2); // U+0250, its capital is U+2C6F
	EXPECT_EQ(rendered("{{ event.item_type | upcase }}", TemplatePart::text, values_with(grows)), failed);
	// A value that is too large is refused although a filter would make it short.
	auto const long_time = "2022-01-02 00:00:00." + std::string(kMaxRenderedSize, '0');
	EXPECT_EQ(rendered("{{ event.item_type | date: '%Y' }}", TemplatePart::text, values_with(long_time)), failed);
}

TEST(TemplateRender, RendersInTimeInProportionToTheResult)
{
	auto const source = repeated("{{event.item_type}}", kMaxTemplateTags);
	auto const values = values_with(repeated("&\n", 80));
	for (auto const part : {TemplatePart::subject, TemplatePart::text, TemplatePart::html}) {
		EXPECT_LT(time_of([&] { (void)rendered(source, part, values); }).count(), 2000);
	}
}

TEST(TemplateRender, ThrowsWhatItsFunctionsThrow)
{
	struct Failure {};
	auto values = example_values();
	values.find_contact_property = [](std::span<PathStep const>) -> std::optional<std::string> { throw Failure(); };
	EXPECT_THROW(rendered("{{ contact.a }}", TemplatePart::text, values), Failure);
	EXPECT_EQ(rendered("{{ event.item_type }}", TemplatePart::text, values), "yellow_shirt");
}

TEST(TemplateRender, HandsOnTheStepsOfAPath)
{
	std::vector<PathStep> asked;
	auto values = example_values();
	values.find_event_property = [&asked](std::span<PathStep const> steps) {
		asked.assign(steps.begin(), steps.end());
		return std::optional("found"s);
	};
	EXPECT_EQ(rendered("{{ event.items[0][\"Item Type\"] }}", TemplatePart::text, values), "found");
	EXPECT_EQ(asked, (std::vector<PathStep>{"items", 0, "Item Type"}));
	// A property that has the name of a field.
	EXPECT_EQ(rendered("{{ event.properties.name }}", TemplatePart::text, values), "found");
	EXPECT_EQ(asked, (std::vector<PathStep>{"name"}));
}

} // namespace vero
