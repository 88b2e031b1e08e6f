// Checks templates: what compiles, and what is refused, where and why.
#include "support/template_values.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace test;
using namespace std::string_literals;

Result<Template, TemplateError> compile(std::string_view source, TemplatePart part = TemplatePart::text)
{
	return compile_template(source, part);
}

/// As a message shows it: `1:9: merge tag is not closed`.
std::string error_of(std::string_view source, TemplatePart part = TemplatePart::text)
{
	auto const compiled = compile(source, part);
	if (compiled) {
		return "none";
	}
	auto const &error = compiled.error();
	return std::to_string(error.line) + ":" + std::to_string(error.column) + ": " + error.message;
}

} // namespace

TEST(Template, RendersWhatACampaignSays)
{
	EXPECT_EQ(
		rendered("Dear {{ contact.first_name | default: \"there\" }},\n{{ event.name }} on "
				 "{{ event.occurred_at | date: \"%d %B %Y\" }}: {{event.item_type|upcase}} ({{ contact.email }})"),
		"Dear Ada,\nCompletes checkout on 02 January 2022: YELLOW_SHIRT (ada@example.com)");
	EXPECT_EQ(rendered("{{ event.occurred_at }}"), "2022-01-02T03:05:00+00:00");
	EXPECT_EQ(rendered("{{ event.missing }}{{ contact.missing }}"), "");
	EXPECT_EQ(rendered("{{ event.missing | default: 'none' }}"), "none");
	EXPECT_EQ(rendered(""), "");
	EXPECT_EQ(rendered("no tag"), "no tag");
	EXPECT_EQ(rendered("{{event.name}}{{contact.email}}"), "Completes checkoutada@example.com");
}

TEST(Template, TakesLoneBracesForText)
{
	for (auto const *const text :
		 {"{", "}", "}}", "{ {", "a { b } c", "{ { event.name } }", "a{", "%}", "} }", "{\n{"}) {
		EXPECT_EQ(rendered(text), text);
	}
	EXPECT_EQ(rendered("{ {{ event.item_type }} }"), "{ yellow_shirt }");
	EXPECT_EQ(rendered("{{ event.item_type }}}"), "yellow_shirt}");
	EXPECT_EQ(rendered("{{ event.item_type }}}}"), "yellow_shirt}}");
}

TEST(Template, EndsATagWithTheFirstClosingBraces)
{
	EXPECT_EQ(error_of("{{ event.x | default: \"}}\" }}"), "1:23: text in quotes is not closed");
	EXPECT_EQ(rendered("{{ event.x | default: \"} }\" }}"), "} }");
	EXPECT_EQ(rendered("{{ event.x | default: \"{{\" }}"), "{{");
}

TEST(Template, TrimsWhiteSpaceWhereATagAsksForIt)
{
	EXPECT_EQ(rendered("a \t\n {{- event.item_type }} b"), "ayellow_shirt b");
	EXPECT_EQ(rendered("a {{ event.item_type -}} \r\n\v\f b"), "a yellow_shirtb");
	EXPECT_EQ(rendered("a {{- event.item_type -}} b"), "ayellow_shirtb");
	EXPECT_EQ(rendered("{{ event.item_type -}}  {{- contact.first_name }}"), "yellow_shirtAda");
	EXPECT_EQ(rendered("{{ event.item_type -}}  "), "yellow_shirt");
	EXPECT_EQ(rendered("  {{- event.item_type }}"), "yellow_shirt");
	EXPECT_EQ(rendered("{{ event.item_type-}} b"), "yellow_shirtb");
	// Of the text only, not of values, and no-break spaces stay.
	EXPECT_EQ(rendered("a{{- event.item_type -}}b", TemplatePart::text, values_with(" x ")), "a x b");
	EXPECT_EQ(rendered("\xC2\xA0{{- event.item_type -}}\xC2\xA0"), "\xC2\xA0yellow_shirt\xC2\xA0");
	EXPECT_EQ(error_of("a {{--}}"), "1:6: merge tag is empty");
	EXPECT_EQ(error_of("a {{-}}"), "1:6: merge tag is empty");
}

TEST(Template, RefusesWhatATagCannotBe)
{
	EXPECT_EQ(error_of("{{ event.name | nosuch }}"), "1:17: unknown filter \"nosuch\"");
	EXPECT_EQ(error_of("Dear {{ customer.name }}"), "1:9: unknown root \"customer\"");
	EXPECT_EQ(error_of("Dear {{ event.name"), "1:6: merge tag is not closed");
	EXPECT_EQ(error_of("Dear {{ event.name }"), "1:6: merge tag is not closed");
	EXPECT_EQ(error_of("{{"), "1:1: merge tag is not closed");
	EXPECT_EQ(error_of("{{}}"), "1:3: merge tag is empty");
	EXPECT_EQ(error_of("{{ {{ event.name }}"), R"(1:4: expected a path, found "{")");
	EXPECT_EQ(error_of("{{{ event.name }}}"), R"(1:3: expected a path, found "{")");
	EXPECT_EQ(error_of("a {% if event.name %}b{% endif %}"), "1:3: tags are not supported");
	EXPECT_EQ(error_of("{%"), "1:1: tags are not supported");
	EXPECT_EQ(error_of("{{ event.name }}{{ event }}"), "1:20: \"event\" is no value");
}

TEST(Template, GivesAHintForMostRefusals)
{
	for (auto const *const source :
		 {"{{ event.name | nosuch }}", "{{ customer.name }}", "{{ event.name", "{{}}", "{% if %}", "{{ event }}",
		  "{{ event.x | date: \"%Q\" }}", "{{ event.x | date }}"}) {
		auto const compiled = compile(source);
		ASSERT_FALSE(compiled) << source;
		EXPECT_FALSE(compiled.error().hint.empty()) << source;
		EXPECT_TRUE(compiled.error().hint.ends_with('.')) << source;
	}
}

TEST(Template, SaysTheLineAndTheColumnInCharacters)
{
	EXPECT_EQ(error_of("a\nb\r\nc\rd {{ x.y }}"), "4:6: unknown root \"x\"");
	EXPECT_EQ(error_of("\n\n{{ x.y }}"), "3:4: unknown root \"x\"");
	EXPECT_EQ(error_of("\r\r{{ x.y }}"), "3:4: unknown root \"x\"");
	EXPECT_EQ(error_of("Gr\xC3\xBC\xC3\x9F\x65 \xF0\x9F\x98\x80 {{ x.y }}"), "1:12: unknown root \"x\"");
	EXPECT_EQ(error_of("{{ event.name\n| x }}"), "2:3: unknown filter \"x\"");
	EXPECT_EQ(error_of("{{- x.y }}"), "1:5: unknown root \"x\"");
}

TEST(Template, RefusesBrokenTextAndNul)
{
	EXPECT_EQ(error_of("ab\xFF"), "1:3: template is not valid UTF-8");
	EXPECT_EQ(error_of("\xC3\xA9\xC3"), "1:2: template is not valid UTF-8");
	EXPECT_EQ(error_of("{{ event.\xED\xA0\x80 }}"), "1:10: template is not valid UTF-8");
	EXPECT_EQ(error_of("a\nb\0c"s), "2:2: template contains a NUL character");
}

TEST(Template, KeepsASubjectOnOneLine)
{
	for (auto const &control : {"\n"s, "\r"s, "\t"s, "\x1B"s, "\x7F"s, "\xC2\x85"s, "\xE2\x80\xA8"s, "\xE2\x80\xA9"s}) {
		EXPECT_EQ(error_of("Hello" + control + "you", TemplatePart::subject),
				  "1:6: subject contains a line break or another control character");
		EXPECT_EQ(error_of("{{ event.x | default: '" + control + "' }}", TemplatePart::subject),
				  "1:24: subject contains a line break or another control character");
		EXPECT_EQ(error_of("Hello" + control + "you", TemplatePart::text), "none");
		EXPECT_EQ(error_of("Hello" + control + "you", TemplatePart::html), "none");
		EXPECT_EQ(item_in(TemplatePart::subject, "a" + control + "b"), "[a b]");
		EXPECT_EQ(item_in(TemplatePart::text, "a" + control + "b"), "[a" + control + "b]");
	}
	EXPECT_EQ(item_in(TemplatePart::subject, "x\r\nBcc: evil@example.com"), "[x  Bcc: evil@example.com]");
	EXPECT_EQ(item_in(TemplatePart::subject, "a\0b"s), "[a b]");
	EXPECT_EQ(item_in(TemplatePart::subject, "<\"&'> \xC3\xA9"), "[<\"&'> \xC3\xA9]");
	// Whatever a filter makes of it, the last step is the one that makes it harmless.
	EXPECT_EQ(rendered("{{ event.item_type | downcase | default: 'x' | upcase }}", TemplatePart::subject,
					   values_with("a\nb")),
			  "A B");
}

TEST(Template, LimitsItsSize)
{
	std::string source(kMaxTemplateSize, 'x');
	EXPECT_EQ(error_of(source), "none");
	source.push_back('x');
	EXPECT_EQ(error_of(source), "1:1: template is larger than 256 kB");

	auto const most_tags = repeated("{{event.a}}", kMaxTemplateTags);
	EXPECT_EQ(error_of(most_tags), "none");
	EXPECT_EQ(error_of(most_tags + "{{event.a}}"), "1:11001: template has more than 1000 merge tags");
	EXPECT_EQ(error_of(most_tags + "{"), "none");
}

TEST(Template, TakesTimeInProportionToTheSource)
{
	auto const fill = [](std::string_view unit) { return repeated(unit, kMaxTemplateSize / unit.size()); };
	for (auto const &source :
		 {fill("{"), fill("{ "), fill("}"), fill("{{"), fill("\n"), fill("\r"), fill("{{event.a}}"),
		  fill("{{event.a|upcase}}"), "{{" + fill("- "), "{{ event" + fill(".a"), "{{ event.x" + fill("|upcase"),
		  "{{ event.x | default: " + fill("'',"), "{{ event" + fill("[0]"),
		  "{{ event.x | date: '" + fill("%d") + "' }}", fill(" ") + "{{- event.a -}}" + fill(" "),
		  "{{ event." + std::string(kMaxTemplateSize - 20, 'a') + " }}", fill("{{- event.a -}}      "),
		  fill("\xC3\xA9")}) {
		for (auto const part : {TemplatePart::subject, TemplatePart::html}) {
			// About 10 ms with sanitizers; what is quadratic takes minutes.
			EXPECT_LT(time_of([&] { (void)compile(source, part); }).count(), 2000) << source.substr(0, 20);
		}
	}
}

} // namespace vero
