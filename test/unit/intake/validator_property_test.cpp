// Checks what cells become as properties of events.
#include "support/small_import.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace vero {

using namespace test;

TEST(ValidatorProperty, LeavesOutPropertiesWithoutValue)
{
	Import const import("email,name,time,a,b,c,d\na@x.io,n,2022-01-02,, ,\"\",\" \"\n");
	EXPECT_EQ(import.properties(), (StoredMembers{{"c", ""}, {"d", " "}}));
}

TEST(ValidatorProperty, KnowsTheNullString)
{
	Setting setting;
	setting.dialect.null_string = "NULL";
	Import const import("email,name,time,a,b,c,d\na@x.io,n,2022-01-02,NULL, NULL ,\"NULL\",\nNULL,NULL,NULL,,,,\n",
						setting);
	EXPECT_EQ(import.properties(), (StoredMembers{{"c", "NULL"}, {"d", ""}}))
		<< "an empty cell is a value then, as in COPY";
	EXPECT_EQ(import.codes(),
			  (Codes{ErrorCode::missing_email, ErrorCode::missing_event_name, ErrorCode::missing_time}));
	Import const unnamed("email,name,time,\na@x.io,n,2022-01-02,NULL\n", setting);
	EXPECT_EQ(unnamed.batch.events.size(), 1U);
}

TEST(ValidatorProperty, UnescapesValues)
{
	Import const import(
		"email,name,time,a,b,c\n\"a@x.io\",\"say \"\"hi\"\"\",\"2022-01-02\",\"\"\"\",\"x\"\"y\"\"\",\"1,2\n3\"\n");
	EXPECT_EQ(import.name(), "say \"hi\"");
	EXPECT_EQ(import.properties(), (StoredMembers{{"a", "\""}, {"b", "x\"y\""}, {"c", "1,2\n3"}}));

	Setting setting;
	setting.dialect.escape = '\\';
	Import const backslash("email,name,time,a\n\"a@x.io\",\"\\\"n\\\\\\x\",2022-01-02,\"\\\"\\\"\"\n", setting);
	EXPECT_EQ(backslash.name(), "\"n\\\\x");
	EXPECT_EQ(backslash.properties(), (StoredMembers{{"a", "\"\""}}));
}

TEST(ValidatorProperty, StoresPropertiesInTheOrderOfJsonb)
{
	Import const import("zz,email,b,name,time,a,\xC3\xA4,longest\n1,a@x.io,2,n,2022-01-02,3,4,5\n");
	EXPECT_EQ(import.properties(), (StoredMembers{{"a", "3"}, {"b", "2"}, {"zz", "1"}, {"ä", "4"}, {"longest", "5"}}));
}

TEST(ValidatorProperty, StoresManyProperties)
{
	std::string header = "email,name,time";
	std::string record = "a@x.io,n,2022-01-02";
	for (int i = 0; i < 100; ++i) {
		header += ",p" + std::to_string(i);
		record += i % 3 == 0 ? "," : ",\"v\"\"" + std::to_string(i) + "\"";
	}
	Import const import(header + "\n" + record, {.max_record_size = 10'000});
	auto const properties = import.properties();
	EXPECT_EQ(properties.size(), 66U);
	for (auto const &[key, value] : properties)
		EXPECT_EQ(value, "v\"" + key.substr(1));
}

TEST(ValidatorProperty, FollowsTheOptionColumns)
{
	Import const import(
		"who,email,notes,Ordered,what,Art\nA@x.io,other@x.io,secret,2022-01-02 12:00Z,n,hat\n",
		{.columns = {
			 {"email", "who"}, {"time", "ordered"}, {"notes", {}}, {"event_name", "what"}, {"item_type", "Art"}}});
	ASSERT_EQ(import.batch.events.size(), 1U);
	EXPECT_EQ(import.email(), "a@x.io");
	EXPECT_EQ(import.name(), "n");
	EXPECT_EQ(import.batch.events[0].occurred_at_us, noon_us);
	EXPECT_EQ(import.properties(), (StoredMembers{{"email", "other@x.io"}, {"item_type", "hat"}}));
}

TEST(ValidatorProperty, NamesColumnsAsTheFileDoes)
{
	Import const import("E-Mail, Date ,Event\nnobody,never,\n");
	EXPECT_EQ(import.codes(),
			  (Codes{ErrorCode::invalid_email, ErrorCode::invalid_time, ErrorCode::missing_event_name}));
	EXPECT_EQ(import.error(0).column, "E-Mail");
	EXPECT_EQ(import.error(1).column, "Date");
	EXPECT_EQ(import.error(2).column, "Event");
}

TEST(ValidatorProperty, KeepsPropertiesAlignedForJsonb)
{
	std::string csv = "email,name,time,p\n";
	for (int i = 0; i < 50; ++i)
		csv += line("a@x.io", std::string(1 + i % 7, 'n'), std::string(noon), std::string(i, 'p')) + "\n" +
			   std::string(1 + i % 5, '?') + "\n";
	Import const import(csv);
	ASSERT_EQ(import.batch.events.size(), 50U);
	for (auto const &event : import.batch.events)
		EXPECT_EQ(reinterpret_cast<std::uintptr_t>(event.properties.start) % 4, 0U);
	for (std::size_t i = 0; i < 50; ++i)
		EXPECT_EQ(import.properties(i), i == 0 ? StoredMembers{} : (StoredMembers{{"p", std::string(i, 'p')}}));
}

TEST(ValidatorProperty, StoresPropertiesByTheirTypes)
{
	Setting setting;
	setting.null_padding = true;
	setting.types = {PropertyType::number, {{"s", PropertyType::text}, {"yes", PropertyType::boolean}}};
	Import const import("email,name,time,n,s,yes,m\na@x.io,n,2022-01-01,12.50,7,YES,\nb@x.io,n,2022-01-01,-1\nc@x.io,n,"
						"2022-01-01,07,x,\"\",y\n",
						setting);
	ASSERT_EQ(import.batch.events.size(), 2U);
	test::PlainContainer const both(import.batch.events[0].properties.view()),
		short_one(import.batch.events[1].properties.view());
	ASSERT_TRUE(both.is_valid(test::PlainContainer::Kind::object) &&
				short_one.is_valid(test::PlainContainer::Kind::object));
	ASSERT_EQ(both.count(), 3U); // n, s, yes
	EXPECT_EQ(test::show_stored_numeric(both.container(3).value()), "12.50");
	EXPECT_EQ(both.text(4), "7");
	EXPECT_EQ(static_cast<JsonbType>(both.type(5)), JsonbType::is_true);
	EXPECT_EQ(short_one.count(), 1U) << "nothing of the record before";
	EXPECT_EQ(test::show_stored_numeric(short_one.container(1).value()), "-1");
	EXPECT_EQ(import.codes(),
			  (Codes{ErrorCode::invalid_property, ErrorCode::invalid_property, ErrorCode::invalid_property}));
	EXPECT_EQ(import.error().message, "column \"n\" holds \"07\", which a number would keep without its leading zeros; "
									  "property_types => '{\"n\": \"text\"}' would take it");
}

} // namespace vero
