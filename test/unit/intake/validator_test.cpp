// Checks how records of small CSVs are judged: what an event holds, and every error of a record.
#include "core/text/text.hpp"
#include "support/small_import.hpp"

#include <gtest/gtest.h>

using namespace std::string_literals;

namespace vero {

using namespace test;

TEST(Validator, CountsWhatItReads)
{
	Setting setting;
	setting.layouts = {"%d/%m/%Y", "%m/%d/%Y"};
	setting.null_padding = true;
	Import const import("email,name,time,p\n"
						"a@b.co,Buys,2022-01-01,1,,\n" // long
						"a@b.co,Buys,31/12/2022,\n"	   // another layout
						"\xC2\xA0"
						"a@b.co,Sells,12/31/2022\n"						// short, and with a blank that is not seen
						"\" a@b.co \",\"Buys\",\t01/02/2022,\xC2\xA0\n" // white space, and a property
						"nobody,Buys,never,\n"
						"a@b.co,Se\xE2\x80\x8Blls,2022-01-01,\n"
						"a@b.co,\xC2\xA0Se\xE2\x80\x8Blls,\xC2\xA0"
						"2022-01-01,\n",
						setting);
	ReadingCounts const &counts = import.counts();
	EXPECT_EQ(counts.iso_times, 3U);
	EXPECT_EQ(counts.layout_times, (std::vector<std::uint64_t>{2, 1}));
	EXPECT_EQ(counts.overlong_records, 1U);
	EXPECT_EQ(counts.padded_records, 1U);
	EXPECT_EQ(counts.trimmed_cells, 4U);
	EXPECT_EQ(counts.names.events(), 6U);
	ASSERT_EQ(counts.names.counts().size(), 2U);
	EXPECT_EQ(counts.names.counts()[0].name, "Buys");
	EXPECT_EQ(counts.names.counts()[0].events, 3U);
}

TEST(Validator, MakesAnEventOfAGoodRecord)
{
	Import const import(
		"email,name,time,item_type\nA.B@Example.COM,Completes checkout,2022-01-02 13:05:00+10,yellow_shirt\n");
	ASSERT_EQ(import.batch.events.size(), 1U);
	EXPECT_TRUE(import.batch.rejects.empty());
	EXPECT_EQ(import.email(), "a.b@example.com");
	EXPECT_EQ(import.name(), "Completes checkout");
	EXPECT_EQ(import.batch.events[0].occurred_at_us, 1'641'092'700 * second_us);
	EXPECT_EQ(import.properties(), (StoredMembers{{"item_type", "yellow_shirt"}}));
}

TEST(Validator, ReadsThePublishedExample)
{
	Import const import("  email, event_name, time, item_type\n"
						"  jane@example.com, Completes checkout, 2022-01-02 13:05:00 +10, yellow_shirt\n"
						"  JANE@example.com , Completes checkout , 2022-01-15 02:00:00 +10 , green_shirt\n"
						"  \"jane@example.com\", \" Completes checkout\", \"2022-01-24 18:20:00Z \", red_hat\n");
	ASSERT_EQ(import.batch.events.size(), 3U);
	EXPECT_EQ(import.contacts.size(), 1U);
	std::int64_t const times[] = {1'641'092'700, 1'642'176'000, 1'643'048'400};
	for (std::size_t i = 0; i < 3; ++i) {
		EXPECT_EQ(import.name(i), "Completes checkout");
		EXPECT_EQ(import.email(i), "jane@example.com");
		EXPECT_EQ(import.batch.events[i].occurred_at_us, times[i] * second_us);
	}
	EXPECT_EQ(import.properties(2), (StoredMembers{{"item_type", "red_hat"}}));
}

TEST(Validator, NumbersContacts)
{
	Import const import("email,name,time,p\n" + line("b@x.io") + "\n" + line("a@x.io") + "\n" + line("B@X.IO") + "\n" +
						line("nobody") + "\n" + line(" \"a@x.io \""));
	ASSERT_EQ(import.batch.events.size(), 4U);
	std::uint32_t const slots[] = {0, 1, 0, 1};
	for (std::size_t i = 0; i < 4; ++i)
		EXPECT_EQ(import.batch.events[i].contact, slots[i]);
	EXPECT_EQ(import.contacts.size(), 2U) << "a reject adds no contact";
}

TEST(Validator, ARejectedRecordAddsNoContact)
{
	Import const import("email,name,time,p\n" + line("a@x.io", "") + "\n" + line("b@x.io", "n", "soon") + "\n" +
						line("c@x.io") + ",more\nd@x.io");
	EXPECT_EQ(import.batch.rejects.size(), 4U);
	EXPECT_EQ(import.contacts.size(), 0U);
}

TEST(Validator, RejectsWithoutEmail)
{
	for (auto const *const email :
		 {"", "  ", "\"\"", "\" \t\"", "null", "None", "NIL", "undefined", "n/a", "0", "\" Null \""})
		EXPECT_EQ(codes_of(line(email)), Codes{ErrorCode::missing_email}) << email;
	auto const blank = error_of(line(""));
	EXPECT_EQ(blank.column, "email");
	EXPECT_EQ(blank.value, "");
	EXPECT_EQ(blank.message, "email is missing");
	auto const placeholder = error_of(line("N/A"));
	EXPECT_EQ(placeholder.value, "N/A");
	EXPECT_EQ(placeholder.message, "email is missing: \"N/A\" is a placeholder");
}

TEST(Validator, RejectsWhatIsNoEmail)
{
	for (auto const *const email : {"nobody", "a@b", "a b@c.de", "a@@b.de", "\"a\"\"@b.de\"", "a\x01@b.de"})
		EXPECT_EQ(codes_of(line(email)), Codes{ErrorCode::invalid_email}) << email;
	auto const error = error_of(line(" nobody "));
	EXPECT_EQ(error.column, "email");
	EXPECT_EQ(error.value, "nobody");
	EXPECT_EQ(error.message, "\"nobody\" is not an email address");
}

TEST(Validator, RejectsWithoutEventName)
{
	for (auto const *const name : {"", " \t", "\"\"", "\"  \""})
		EXPECT_EQ(codes_of(line("a@x.io", name)), Codes{ErrorCode::missing_event_name}) << name;
	auto const error = error_of(line("a@x.io", ""));
	EXPECT_EQ(error.column, "name");
	EXPECT_EQ(error.message, "event name is missing");
}

TEST(Validator, CountsCharactersOfAnEventName)
{
	std::string umlauts;
	for (int i = 0; i < 255; ++i)
		umlauts += "ü";
	EXPECT_EQ(codes_of(line("a@x.io", std::string(255, 'n'))), Codes{});
	EXPECT_EQ(codes_of(line("a@x.io", umlauts)), Codes{});
	EXPECT_EQ(codes_of(line("a@x.io", "\"  " + umlauts + "  \"")), Codes{}) << "blanks do not count";
	EXPECT_EQ(codes_of(line("a@x.io", std::string(256, 'n'))), Codes{ErrorCode::event_name_too_long});
	auto const error = error_of(line("a@x.io", umlauts + "n"));
	EXPECT_EQ(error.code, ErrorCode::event_name_too_long);
	EXPECT_EQ(error.column, "name");
	EXPECT_EQ(error.message, "event name has 256 characters, 255 are allowed");
	EXPECT_EQ(utf8_length(*error.value), 103U) << "clipped, with dots behind";
	EXPECT_TRUE(is_utf8(*error.value));
}

TEST(Validator, ReportsAllErrorsAtOnce)
{
	Import const import("p,email,,name,time\n\"a\"b,nobody,x,,yesterday,more\n");
	ASSERT_EQ(import.batch.rejects.size(), 1U);
	EXPECT_EQ(import.codes(),
			  (Codes{ErrorCode::too_many_fields, ErrorCode::malformed_quote, ErrorCode::invalid_email,
					 ErrorCode::unnamed_column, ErrorCode::missing_event_name, ErrorCode::invalid_time}));
	Import const bytes("email,name,time,p\n\xFF,,\0,\"x\"y\xFF\n"s);
	EXPECT_EQ(bytes.codes(), (Codes{ErrorCode::invalid_encoding, ErrorCode::missing_event_name, ErrorCode::nul_byte,
									ErrorCode::malformed_quote, ErrorCode::invalid_encoding}));
}

TEST(Validator, StoresErrorsInWordsAndAsJsonb)
{
	Import const import("email,name,time,p\n" + line("nobody", "") + ",x\n,,,p\n");
	ASSERT_EQ(import.batch.rejects.size(), 2U);
	EXPECT_EQ(import.batch.rejects[0].reason.view(),
			  "record has 5 fields, the header has 4; \"nobody\" is not an email "
			  "address; event name is missing");
	std::vector<test::NullableMembers> const stored{
		{{"code", "too_many_fields"},
		 {"value", {}},
		 {"column", {}},
		 {"message", "record has 5 fields, the header has 4"}},
		{{"code", "invalid_email"},
		 {"value", "nobody"},
		 {"column", "email"},
		 {"message", "\"nobody\" is not an email address"}},
		{{"code", "missing_event_name"}, {"value", ""}, {"column", "name"}, {"message", "event name is missing"}}};
	EXPECT_EQ(test::read_stored_array(import.batch.rejects[0].stored_errors.view()), stored);
	EXPECT_EQ(import.batch.rejects[1].reason.view(), "email is missing; event name is missing; time is missing");
	for (auto const &reject : import.batch.rejects)
		EXPECT_EQ(reinterpret_cast<std::uintptr_t>(reject.stored_errors.start) % 4, 0U);
}

TEST(Validator, KeepsRejectsVerbatimWithTheirPlace)
{
	Import const import("email,name,time,p\n" + line("a@x.io") + "\n\n  x , \"y\r\nz\",,\r\n\xFF\n" + line("a@x.io") +
						"\n\"q\n");
	ASSERT_EQ(import.batch.rejects.size(), 3U);
	auto const &spanning = import.batch.rejects[0];
	EXPECT_EQ(spanning.raw.view(), "  x , \"y\r\nz\",,");
	EXPECT_TRUE(spanning.is_text);
	EXPECT_EQ(spanning.record_number, 2U);
	EXPECT_EQ(spanning.line_number, 4U);
	EXPECT_EQ(spanning.byte_offset, 18 + line("a@x.io").size() + 2);
	auto const &bytes = import.batch.rejects[1];
	EXPECT_EQ(bytes.raw.view(), "\xFF");
	EXPECT_FALSE(bytes.is_text);
	EXPECT_EQ(bytes.record_number, 3U);
	EXPECT_EQ(bytes.line_number, 6U);
	EXPECT_EQ(import.batch.rejects[2].raw.view(), "\"q");
	EXPECT_EQ(import.batch.rejects[2].record_number, 5U);
}

TEST(Validator, ReadsUnescapedNamesEmailsAndTimes)
{
	Setting setting;
	setting.dialect.escape = '0';
	// an escape that stands in a time: 00 is 0
	Import const import("email,name,time\n\"a00@x.io\",\"n\",\"2\"\n\"a00@x.io\",\"n00\",\"20022-001-002\"\n", setting);
	ASSERT_EQ(import.batch.events.size(), 1U);
	EXPECT_EQ(import.email(), "a0@x.io");
	EXPECT_EQ(import.name(), "n0");
	EXPECT_EQ(import.batch.events[0].occurred_at_us, noon_us - 12 * 3600 * second_us);
	EXPECT_EQ(import.codes(), Codes{ErrorCode::invalid_time});
}

TEST(Validator, GivesEveryEventTheNameThatIsTold)
{
	Import const import("email,time,name\na@x.io,2022-01-02,x\nb@x.io,2022-01-02,\n", {.event_name = "Ordered"});
	ASSERT_EQ(import.batch.events.size(), 2U);
	EXPECT_EQ(import.name(0), "Ordered");
	EXPECT_EQ(import.name(1), "Ordered");
	EXPECT_EQ(import.batch.events[0].name.start, import.batch.events[1].name.start);
	EXPECT_EQ(import.properties(), (StoredMembers{{"name", "x"}}));
}

TEST(Validator, StoresARunOfEqualNamesOnce)
{
	Import const import(
		"email,name,time\na@x.io,n,2022-01-02\na@x.io,\"n\",2022-01-02\na@x.io,,\na@x.io,n ,2022-01-02\n"
		"a@x.io,N,2022-01-02\na@x.io,n,2022-01-02\n");
	ASSERT_EQ(import.batch.events.size(), 5U);
	auto const start = [&](std::size_t i) { return import.batch.events[i].name.start; };
	EXPECT_EQ(start(0), start(1));
	EXPECT_EQ(start(0), start(2)) << "a reject in between changes nothing";
	EXPECT_NE(start(0), start(3));
	EXPECT_EQ(import.name(3), "N");
	EXPECT_EQ(import.name(4), "n");
}

TEST(Validator, StoresANameAgainInAClearedBatch)
{
	for (auto const &first_behind : {"nobody,n,2022-01-02\n"s, ""s}) {
		RecordReader reader({}, 1000);
		reader.feed("a@x.io,n,2022-01-02\na@x.io,n,2022-01-02\n" + first_behind +
					"a@x.io,n,2022-01-02\na@x.io,n,2022-01-02\n");
		reader.finish();
		TimeZone const utc;
		Header const header{
			{{"email", Role::email, ""}, {"name", Role::event_name, ""}, {"time", Role::time, ""}}, 0, 1, 2};
		Validator validator({header, {}, "", "UTF8", 1000, &utc});
		ContactIndex contacts({1, 2}, 100);
		Batch batch;
		std::uint64_t number = 0;
		Record record;
		while (number < 2 && reader.next(record))
			validator.judge(record, ++number, contacts, batch);
		ASSERT_EQ(batch.events.size(), 2U);
		batch.clear();
		auto const overwritten = batch.store("XXXXXXXXXXXXXXXX");
		while (reader.next(record))
			validator.judge(record, ++number, contacts, batch);
		ASSERT_EQ(batch.events.size(), 2U);
		EXPECT_EQ(batch.events[0].name.view(), "n");
		EXPECT_EQ(batch.events[1].name.view(), "n");
		EXPECT_EQ(batch.events[0].name.start, batch.events[1].name.start);
		EXPECT_EQ(overwritten.view(), "XXXXXXXXXXXXXXXX");
	}
}

TEST(Validator, RemembersNothingOfTheRecordBefore)
{
	Import const import("email,name,time,p\n" + line("a@x.io", "one", std::string(noon), "\"x\"\"\"") +
						"\nnobody,,,\n" + line("b@x.io", "two", "2022-01-03", "") + "\n" + line("", "", "", "x") +
						"\n" + line("c@x.io", "\"\"\"\""));
	ASSERT_EQ(import.batch.events.size(), 3U);
	ASSERT_EQ(import.batch.rejects.size(), 2U);
	EXPECT_EQ(import.email(1), "b@x.io");
	EXPECT_EQ(import.properties(1), StoredMembers{});
	EXPECT_EQ(import.codes(1),
			  (Codes{ErrorCode::missing_email, ErrorCode::missing_event_name, ErrorCode::missing_time}));
	EXPECT_EQ(import.name(2), "\"");
	EXPECT_EQ(import.name(0), "one") << "it does not lie in a buffer";
}

TEST(Validator, KeepsTheOriginsOfEventsWhereTheyAreWanted)
{
	std::string const csv = "email,name,time,p\n" + line("a@x.io") + "\nnobody,,,\n\n" + line(" b@x.io ") + "\n";
	EXPECT_TRUE(Import(csv).batch.origins.empty());
	for (auto const kept : {KeptOrigins::places, KeptOrigins::records}) {
		Import const import(csv, {.kept_origins = kept});
		ASSERT_EQ(import.batch.events.size(), 2U);
		ASSERT_EQ(import.batch.origins.size(), 2U);
		auto const &origin = import.batch.origins[1];
		EXPECT_EQ(origin.record_number, 3U);
		EXPECT_EQ(origin.line_number, 5U);
		EXPECT_EQ(origin.byte_offset, csv.find(" b@x.io "));
		EXPECT_EQ(origin.raw.view(), kept == KeptOrigins::records ? line(" b@x.io ") : "");
	}
}

TEST(Validator, KeepsTheAddressesOfEventsWhereTheyAreWanted)
{
	std::string const csv = "email,name,time,p\n" + line("a@x.io") + "\n" + line("B@x.io") + "\nnobody,,,\n" +
							line("b@x.io") + "\n" + line("A@x.io") + "\n";
	EXPECT_TRUE(Import(csv).batch.addresses.empty());
	Import const import(csv, {.keeps_addresses = true});
	std::vector<std::string_view> addresses;
	for (StoredBytes const &address : import.batch.addresses)
		addresses.push_back(address.view());
	EXPECT_EQ(addresses, (std::vector<std::string_view>{"a@x.io", "b@x.io", "b@x.io", "a@x.io"}));
	EXPECT_EQ(import.batch.new_contacts.size(), 2U);
}

TEST(Validator, NumbersEventsByTheirNamesAndProperties)
{
	std::string const csv =
		"email,name,time,p,q\na@x.io,n,2022-01-02,1,2\nb@x.io,n,2022-01-03,1,2\nb@x.io,n,2022-01-03,1,3\n"
		"b@x.io,m,2022-01-03,1,2\nb@x.io,n,2022-01-03,,12\n";
	Import const import(csv, {.kept_origins = KeptOrigins::places});
	auto const &origins = import.batch.origins;
	ASSERT_EQ(origins.size(), 5U);
	EXPECT_NE(origins[0].number, 0U);
	EXPECT_EQ(origins[0].number, origins[1].number);
	for (std::size_t i = 2; i < origins.size(); ++i)
		EXPECT_NE(origins[0].number, origins[i].number) << i;
	Import const typed(csv, {.types = {PropertyType::number}, .kept_origins = KeptOrigins::places});
	EXPECT_EQ(typed.batch.origins[0].number, 0U) << "1.0 is as good as 1";
}

TEST(Validator, ErrorCodesAreNamed)
{
	std::pair<ErrorCode, std::string_view> const names[] = {
		{ErrorCode::missing_email, "missing_email"},
		{ErrorCode::invalid_email, "invalid_email"},
		{ErrorCode::missing_event_name, "missing_event_name"},
		{ErrorCode::event_name_too_long, "event_name_too_long"},
		{ErrorCode::missing_time, "missing_time"},
		{ErrorCode::invalid_time, "invalid_time"},
		{ErrorCode::too_few_fields, "too_few_fields"},
		{ErrorCode::too_many_fields, "too_many_fields"},
		{ErrorCode::malformed_quote, "malformed_quote"},
		{ErrorCode::unterminated_quote, "unterminated_quote"},
		{ErrorCode::invalid_encoding, "invalid_encoding"},
		{ErrorCode::nul_byte, "nul_byte"},
		{ErrorCode::record_too_long, "record_too_long"},
		{ErrorCode::unnamed_column, "unnamed_column"},
		{ErrorCode::no_partition, "no_partition"},
		{ErrorCode::repeated_header, "repeated_header"},
		{ErrorCode::invalid_property, "invalid_property"},
		{ErrorCode::duplicate_event, "duplicate_event"},
		{ErrorCode::more_errors, "more_errors"},
	};
	for (auto const &[code, name] : names)
		EXPECT_EQ(name_of(code), name);
}

} // namespace vero
