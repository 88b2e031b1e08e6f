// Checks how records of small CSVs are judged: every error code, every error of a record, what an event holds.
#include "core/csv/record_reader.hpp"
#include "core/intake/validator.hpp"
#include "core/text/text.hpp"
#include "support/plain_jsonb.hpp"
#include "support/plain_numeric.hpp"

#include <array>
#include <gtest/gtest.h>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace vero {

/// For GoogleTest's messages.
std::ostream &operator<<(std::ostream &out, ErrorCode code)
{
	return out << name_of(code);
}

namespace {

using test::StoredMembers;
using Codes = std::vector<ErrorCode>;

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t noon_us = 1'641'124'800 * second_us; // 2022-01-02 12:00 UTC
constexpr std::string_view noon = "2022-01-02 12:00Z";

struct Setting {
	Dialect dialect = {};
	std::vector<ColumnTarget> columns = {};
	std::string event_name = {}; ///< empty: in the file
	std::string encoding = "UTF8";
	std::size_t max_record_size = 1000;
	TimeZone time_zone = TimeZone();
	std::vector<std::string> layouts = {};
	bool null_padding = false;
	PropertyTypes types = {};
};

TimeLayouts compile(std::vector<std::string> const &texts)
{
	TimeLayouts layouts;
	for (auto const &text : texts)
		layouts.list.push_back(TimeLayout::compile(text).value());
	return layouts;
}

/// The whole of a small CSV, judged.
class Import {
public:
	explicit Import(std::string_view csv, Setting const &setting = {})
		: setting_(setting), reader_(setting.dialect, setting.max_record_size),
		  validator_({read_header(csv), setting.dialect, setting.event_name, setting.encoding, setting.max_record_size,
					  &setting_.time_zone, compile(setting.layouts), names_, setting.null_padding})
	{
		Record record;
		while (reader_.next(record))
			judge(record);
	}

	void judge(Record const &record) { records_ += validator_.judge(record, records_ + 1, contacts, batch) ? 1 : 0; }

	Codes codes(std::size_t i = 0) const
	{
		Codes found;
		for (auto const &error : batch.rejects.at(i).errors)
			found.push_back(error.code);
		return found;
	}
	RecordError const &error(std::size_t i = 0) const { return batch.rejects.at(0).errors.at(i); }

	StoredMembers properties(std::size_t i = 0) const
	{
		return test::read_stored_object(batch.events.at(i).properties.view()).value();
	}
	std::string_view email(std::size_t i = 0) const { return batch.new_contacts.at(batch.events.at(i).contact).view(); }
	std::string_view name(std::size_t i = 0) const { return batch.events.at(i).name.view(); }

	ReadingCounts const &counts() const { return validator_.counts(); }

	Batch batch;
	ContactIndex contacts{HashKey{1, 2}, 100};

private:
	Header read_header(std::string_view csv)
	{
		reader_.feed(csv);
		reader_.finish();
		Record record;
		EXPECT_TRUE(reader_.next(record));
		for (auto const &cell : record.cells)
			names_.emplace_back(record.content(cell));
		return resolve_header(names_, setting_.columns, !setting_.event_name.empty(), setting_.types).value();
	}

	Setting setting_;
	RecordReader reader_;
	std::vector<std::string> names_;
	Validator validator_;
	std::uint64_t records_ = 0;
};

/// The errors of the only record, behind the header `email,name,time,p`.
Codes codes_of(std::string const &line)
{
	Import const import("email,name,time,p\n" + line);
	EXPECT_EQ(import.batch.records(), 1U) << line;
	return import.batch.rejects.empty() ? Codes{} : import.codes();
}

std::string line(std::string const &email, std::string const &name = "Ordered",
				 std::string const &time = std::string(noon), std::string const &property = "red")
{
	return email + "," + name + "," + time + "," + property;
}

/// The only error.
RecordError error_of(std::string const &line, Setting const &setting = {})
{
	Import const import("email,name,time,p\n" + line, setting);
	EXPECT_EQ(import.batch.rejects.size(), 1U) << line;
	EXPECT_EQ(import.codes().size(), 1U) << line;
	return import.error();
}

} // namespace

TEST(Validator, PassesOverBlankRecords)
{
	Import const import(
		"email,name,time,p\n,,,\n , ,\t,\n\"\",\"\",,\n\"\n\",\xC2\xA0,\xE2\x80\x8B,\xEF\xBB\xBF,,\n,\n" +
		line("a@b.co") + "\n,,,\nnobody,,,\n");
	EXPECT_EQ(import.batch.blank_records, 6U);
	EXPECT_EQ(import.batch.events.size(), 1U);
	ASSERT_EQ(import.batch.rejects.size(), 1U);
	EXPECT_EQ(import.batch.rejects[0].record_number, 2U);
	EXPECT_EQ(import.batch.rejects[0].line_number, 10U);
}

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

TEST(Validator, TakesNothingForABlankRecordThatMayHoldSomething)
{
	for (auto const &text : {",,,x"s, "\"\"\"\",,,"s, ",,\0,"s, ",,\xFF,"s, ",,,\"a\"b"s, ",,,\"open"s, "\\N,,,"s})
		EXPECT_FALSE(codes_of(text).empty()) << text;
	Batch batch;
	ContactIndex contacts{HashKey{1, 2}, 100};
	Header header = resolve_header({"email", "name", "time"}, {}, false).value();
	TimeZone const zone;
	Validator validator({header, Dialect(), "", "UTF8", 1000, &zone});
	std::array<Cell, 3> const cells{
		{{0, 0, false, false, false}, {1, 1, false, false, false}, {2, 2, false, false, false}}};
	Record record{",,, ,", 2, 0, 5, cells};
	record.more_cells = 2;
	EXPECT_FALSE(validator.judge(record, 1, contacts, batch));
	record.raw = ",,,x,";
	EXPECT_TRUE(validator.judge(record, 1, contacts, batch));
	EXPECT_EQ(batch.rejects.size(), 1U);
}

TEST(Validator, AllowsBlankCellsBeyondTheHeader)
{
	EXPECT_EQ(codes_of(line("a@b.co") + ",, \t,\"\",\xC2\xA0"), Codes{});
	EXPECT_EQ(codes_of(line("a@b.co") + ",,0"), Codes{ErrorCode::too_many_fields});
	EXPECT_EQ(codes_of(line("a@b.co") + ",\"\"\"\""), Codes{ErrorCode::too_many_fields});
	Import const import("email,name,time,p\n" + line("a@b.co") + ",,");
	EXPECT_EQ(import.properties(), (StoredMembers{{"p", "red"}}));
}

TEST(Validator, NamesTheColumnsThatAreMissing)
{
	EXPECT_EQ(error_of("a@b.co,x,2022-01-01").message,
			  "record has 3 fields, the header has 4: column \"p\" is missing");
	EXPECT_EQ(error_of("a@b.co,x").message,
			  "record has 2 fields, the header has 4: columns \"time\" and \"p\" are missing");
	Import const import("email,name,time,a,b,c,d,e,f,g\na@b.co,x,2022-01-01\n");
	EXPECT_EQ(
		import.error().message,
		"record has 3 fields, the header has 10: columns \"a\", \"b\", \"c\", \"d\", \"e\" and 2 more are missing");
}

TEST(Validator, MissesNoColumnWithoutAName)
{
	Import const import("email,name,time,,\na@b.co,x,2022-01-01\na@b.co,x,2022-01-01,\na@b.co,x\n");
	EXPECT_EQ(import.batch.events.size(), 2U);
	EXPECT_EQ(import.codes(), Codes{ErrorCode::too_few_fields});
}

TEST(Validator, FillsUpShortRecordsWhereTold)
{
	Dialect dialect;
	dialect.null_string = "NULL";
	Import const import("email,name,time,p,q\na@b.co,x,2022-01-01,\na@b.co\na@b.co,x,2022-01-01,1,2,3\na@b.co,\"x\n",
						{.dialect = dialect, .null_padding = true});
	ASSERT_EQ(import.batch.events.size(), 1U);
	EXPECT_EQ(import.properties(), (StoredMembers{{"p", ""}}));
	ASSERT_EQ(import.batch.rejects.size(), 3U);
	EXPECT_EQ(import.codes(0), (Codes{ErrorCode::missing_event_name, ErrorCode::missing_time}));
	EXPECT_EQ(import.codes(1), Codes{ErrorCode::too_many_fields});
	EXPECT_EQ(import.codes(2), Codes{ErrorCode::unterminated_quote});
}

TEST(Validator, KnowsTheHeaderWhenItComesAgain)
{
	for (auto const &text : {"email,name,time,p"s, "\"email\", name ,time,p"s,
							 "\xEF\xBB\xBF"
							 "email,name,time,p"s,
							 "email,name,time,p,, "s})
		EXPECT_EQ(codes_of(text), Codes{ErrorCode::repeated_header}) << text;
	for (auto const &text : {"email,name,time"s, "Email,name,time,p"s, "email,name,time,q"s, "email,name,time,p,x"s})
		EXPECT_NE(codes_of(text).front(), ErrorCode::repeated_header) << text;
	Import const import("email,name,time,\nemail,name,time\n");
	EXPECT_EQ(import.codes(), Codes{ErrorCode::repeated_header});
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

TEST(Validator, RejectsWithoutTime)
{
	for (auto const *const time : {"", " ", "\"\""})
		EXPECT_EQ(codes_of(line("a@x.io", "n", time)), Codes{ErrorCode::missing_time}) << time;
	EXPECT_EQ(error_of(line("a@x.io", "n", "")).column, "time");
	for (auto const *const time : {"01/02/2022", "yesterday", "0", "null", "2022-13-01", "2022-01-02T"})
		EXPECT_EQ(codes_of(line("a@x.io", "n", time)), Codes{ErrorCode::invalid_time}) << time;
	auto const error = error_of(line("a@x.io", "n", "01/02/2022"));
	EXPECT_EQ(error.column, "time");
	EXPECT_EQ(error.value, "01/02/2022");
	EXPECT_EQ(error.message, "\"01/02/2022\" is not a time in ISO 8601; "
							 "time_formats => '{%d/%m/%Y}' or '{%m/%d/%Y}' would read it");
}

TEST(Validator, ReadsTimesInToldLayouts)
{
	Import const import("email,name,time\na@x.io,n,01/02/2022\na@x.io,n,2022-01-02\na@x.io,n,\"13/1/2022\"\n",
						{.layouts = {"%m/%d/%Y", "%d/%m/%Y"}});
	ASSERT_EQ(import.batch.events.size(), 3U);
	constexpr std::int64_t midnight_us = noon_us - 12 * 3600 * second_us;
	EXPECT_EQ(import.batch.events[0].occurred_at_us, midnight_us) << "the first layout that reads it";
	EXPECT_EQ(import.batch.events[1].occurred_at_us, midnight_us) << "ISO 8601 always";
	EXPECT_EQ(import.batch.events[2].occurred_at_us, midnight_us + 11 * 24 * 3600 * second_us);
}

TEST(Validator, JoinsDateAndClock)
{
	Setting const setting{.columns = {{"time", "date", "clock"}}};
	auto const time_of = [&](std::string const &cells) {
		Import const import("email,name,date,clock\na@x.io,n," + cells + "\n", setting);
		return import.batch.events.empty() ? import.error().message
										   : std::to_string(import.batch.events[0].occurred_at_us / second_us);
	};
	EXPECT_EQ(time_of("2022-01-02,12:00Z"), std::to_string(noon_us / second_us));
	EXPECT_EQ(time_of(" \"2022-01-02 \" ,\" 12:00 \""), std::to_string(noon_us / second_us));
	EXPECT_EQ(time_of("2022-01-02,"), std::to_string(noon_us / second_us - 12 * 3600)) << "midnight";
	EXPECT_EQ(time_of(",12:00"), "time is missing (columns \"date\" and \"clock\")");
	EXPECT_EQ(time_of("2022-01-02,25:00"),
			  "\"2022-01-02 25:00\" (columns \"date\" and \"clock\") is not a time: there is no hour 25");
	EXPECT_EQ(Import("email,name,date,clock\na@x.io,n,2022-01-02\n", setting).codes(),
			  Codes{ErrorCode::too_few_fields});
	EXPECT_TRUE(Import("email,name,date,clock\na@x.io,n,2022-01-02,12:00\n", setting).properties().empty());
}

TEST(Validator, ReadsTimesWithoutOffsetInTheGivenZone)
{
	Import const import("email,name,time\na@x.io,n,2022-01-02 14:00\na@x.io,n,2022-01-02 12:00Z\n",
						{.time_zone = TimeZone(7200)});
	ASSERT_EQ(import.batch.events.size(), 2U);
	EXPECT_EQ(import.batch.events[0].occurred_at_us, noon_us);
	EXPECT_EQ(import.batch.events[1].occurred_at_us, noon_us);
}

TEST(Validator, CountsFields)
{
	auto const few = error_of("a@x.io,n," + std::string(noon));
	EXPECT_EQ(few.code, ErrorCode::too_few_fields);
	EXPECT_EQ(few.column, std::nullopt);
	EXPECT_EQ(few.value, std::nullopt);
	EXPECT_EQ(few.message, "record has 3 fields, the header has 4: column \"p\" is missing");
	auto const many = error_of(line("a@x.io") + ",x");
	EXPECT_EQ(many.code, ErrorCode::too_many_fields);
	EXPECT_EQ(many.message, "record has 5 fields, the header has 4");
	EXPECT_EQ(error_of("a@x.io").message,
			  "record has 1 field, the header has 4: columns \"name\", \"time\" and \"p\" are missing");
}

TEST(Validator, RejectsTextBehindAClosingQuote)
{
	auto const error = error_of(line("a@x.io", "n", std::string(noon), "\"red\" hat"));
	EXPECT_EQ(error.code, ErrorCode::malformed_quote);
	EXPECT_EQ(error.column, "p");
	EXPECT_EQ(error.value, "\"red\" hat");
	EXPECT_EQ(error.message, "text follows the closing quote in column \"p\"");
	EXPECT_EQ(codes_of(line("\"a\"@x.io")), Codes{ErrorCode::malformed_quote}) << "the cell is not read any further";
}

TEST(Validator, RejectsAQuoteThatIsNotClosed)
{
	auto const error = error_of(line("a@x.io", "n", std::string(noon), "\"red"));
	EXPECT_EQ(error.code, ErrorCode::unterminated_quote);
	EXPECT_EQ(error.column, "p");
	EXPECT_EQ(error.message, "quote that opens in column \"p\" is not closed in this record");
	auto const behind = error_of(line("a@x.io") + ",x,\"y");
	EXPECT_EQ(behind.code, ErrorCode::unterminated_quote);
	EXPECT_EQ(behind.column, std::nullopt);
	EXPECT_EQ(behind.message, "quote that opens in field 6 is not closed in this record");
	// the cells before the quote are judged as well, those behind it are not known
	EXPECT_EQ(codes_of("nobody,\"n," + std::string(noon)),
			  (Codes{ErrorCode::unterminated_quote, ErrorCode::invalid_email}));
}

TEST(Validator, RejectsWhatIsNotUtf8)
{
	auto const error = error_of(line("a@x.io", "n", std::string(noon), "gr\xFCn"));
	EXPECT_EQ(error.code, ErrorCode::invalid_encoding);
	EXPECT_EQ(error.column, "p");
	EXPECT_EQ(error.value, "gr\xEF\xBF\xBDn");
	EXPECT_EQ(error.message, "column \"p\" is not valid UTF8 (encoding => 'WIN1252' reads it)");
	EXPECT_EQ(error_of(line("a@x.io", "\xED\xA0\x80"), {.encoding = "UTF-16"}).message,
			  "column \"name\" is not valid UTF-16");
	EXPECT_EQ(codes_of(line("\xFF@x.io")), Codes{ErrorCode::invalid_encoding}) << "the cell is not read any further";
	EXPECT_EQ(codes_of(line("a@x.io", "\xC3", std::string(noon), "\xA4")),
			  (Codes{ErrorCode::invalid_encoding, ErrorCode::invalid_encoding}));
}

TEST(Validator, RejectsNulBytes)
{
	auto const error = error_of(line("a@x.io", "n", std::string(noon), "r\0d"s));
	EXPECT_EQ(error.code, ErrorCode::nul_byte);
	EXPECT_EQ(error.column, "p");
	EXPECT_EQ(error.value, "r\xEF\xBF\xBD"
						   "d");
	EXPECT_EQ(error.message, "column \"p\" holds a NUL byte");
	EXPECT_EQ(codes_of(line("a@x.io", "n", std::string(noon), "\0\xFF"s)),
			  (Codes{ErrorCode::nul_byte, ErrorCode::invalid_encoding}));
}

TEST(Validator, RejectsWhatIsTooLong)
{
	auto const csv =
		"email,name,time,p\n" + line("nobody", "n", "never", std::string(2000, 'x')) + "\n" + line("a@x.io");
	Import const import(csv);
	ASSERT_EQ(import.codes(), Codes{ErrorCode::record_too_long});
	EXPECT_EQ(import.error().column, std::nullopt);
	EXPECT_EQ(import.error().message,
			  "record is longer than the 1000 bytes that vero_events.max_record_size allows (its line has 2015)");
	EXPECT_EQ(import.batch.rejects[0].raw.size, 1000U);
	EXPECT_TRUE(import.batch.rejects[0].is_text);
	EXPECT_EQ(import.batch.events.size(), 1U);
}

TEST(Validator, RejectsWhatCannotBeDecoded)
{
	Import import("email,name,time,p\n", {.encoding = "SJIS"});
	Record record{"a,b,c,d", 7, 100, 7, {}, RecordFault::undecodable, false};
	import.judge(record);
	record.has_nul = true;
	record.raw = "a\0b"sv;
	import.judge(record);
	EXPECT_EQ(import.codes(0), Codes{ErrorCode::invalid_encoding});
	EXPECT_EQ(import.error().message, "record is not valid SJIS");
	EXPECT_EQ(import.codes(1), Codes{ErrorCode::nul_byte});
	EXPECT_EQ(import.batch.rejects[1].errors[0].message, "record holds a NUL byte");
	EXPECT_FALSE(import.batch.rejects[0].is_text) << "its bytes are the file's, even where they would do as UTF-8";
	EXPECT_EQ(import.batch.rejects[0].raw.view(), "a,b,c,d");
	EXPECT_EQ(import.batch.rejects[1].raw.view(), "a\0b"sv);
}

TEST(Validator, RejectsValuesInUnnamedColumns)
{
	Import const import(
		"email,,name,time,\na@x.io,,n,2022-01-02,\"  \"\na@x.io,x y,n,2022-01-02,\nb@x.io,,n,2022-01-02,\" 0 \"\n");
	EXPECT_EQ(import.batch.events.size(), 1U) << "blank cells are ignored";
	EXPECT_EQ(import.properties(), StoredMembers{});
	ASSERT_EQ(import.batch.rejects.size(), 2U);
	EXPECT_EQ(import.codes(0), Codes{ErrorCode::unnamed_column});
	EXPECT_EQ(import.error().column, "");
	EXPECT_EQ(import.error().value, "x y");
	EXPECT_EQ(import.error().message,
			  "column 2 has no name in the header, but holds \"x y\" (columns => '{\"\": null}' leaves it out)");
	EXPECT_EQ(import.batch.rejects[1].errors[0].message,
			  "column 5 has no name in the header, but holds \"0\" (columns => '{\"\": null}' leaves it out)");
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

TEST(Validator, ReportsWhatIsWrongBehindTheHeadersColumns)
{
	EXPECT_EQ(codes_of(line("a@x.io") + ",x\0"s), (Codes{ErrorCode::too_many_fields, ErrorCode::nul_byte}));
	EXPECT_EQ(codes_of(line("a@x.io") + ",\xFF"), (Codes{ErrorCode::too_many_fields, ErrorCode::invalid_encoding}));
	EXPECT_EQ(codes_of(line("a@x.io") + ",\"x\"y"), (Codes{ErrorCode::too_many_fields, ErrorCode::malformed_quote}));
	EXPECT_EQ(codes_of(line("a@x.io", "n", std::string(noon), "\"x\0\xFF"s)),
			  (Codes{ErrorCode::unterminated_quote, ErrorCode::nul_byte, ErrorCode::invalid_encoding}));
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

TEST(Validator, LeavesOutPropertiesWithoutValue)
{
	Import const import("email,name,time,a,b,c,d\na@x.io,n,2022-01-02,, ,\"\",\" \"\n");
	EXPECT_EQ(import.properties(), (StoredMembers{{"c", ""}, {"d", " "}}));
}

TEST(Validator, KnowsTheNullString)
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

TEST(Validator, UnescapesValues)
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

TEST(Validator, StoresPropertiesInTheOrderOfJsonb)
{
	Import const import("zz,email,b,name,time,a,\xC3\xA4,longest\n1,a@x.io,2,n,2022-01-02,3,4,5\n");
	EXPECT_EQ(import.properties(), (StoredMembers{{"a", "3"}, {"b", "2"}, {"zz", "1"}, {"ä", "4"}, {"longest", "5"}}));
}

TEST(Validator, StoresManyProperties)
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

TEST(Validator, FollowsTheOptionColumns)
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

TEST(Validator, NamesColumnsAsTheFileDoes)
{
	Import const import("E-Mail, Date ,Event\nnobody,never,\n");
	EXPECT_EQ(import.codes(),
			  (Codes{ErrorCode::invalid_email, ErrorCode::invalid_time, ErrorCode::missing_event_name}));
	EXPECT_EQ(import.error(0).column, "E-Mail");
	EXPECT_EQ(import.error(1).column, "Date");
	EXPECT_EQ(import.error(2).column, "Event");
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

TEST(Validator, KeepsPropertiesAlignedForJsonb)
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
	};
	for (auto const &[code, name] : names)
		EXPECT_EQ(name_of(code), name);
}

TEST(Validator, CountsCellsThatAreNotNoted)
{
	Import const import("email,name,time\nann@shop.example,x,2022-01-01" + std::string(kMaxColumns, ',') + "\"a\"b\n\n",
						{.max_record_size = 20'000});
	EXPECT_EQ(import.codes(), (Codes{ErrorCode::too_many_fields, ErrorCode::malformed_quote}));
	EXPECT_EQ(import.error(0).message, "record has 10003 fields, the header has 3");
	EXPECT_EQ(import.error(1).message, "text follows the closing quote in field 10003");
}

TEST(Validator, StoresPropertiesByTheirTypes)
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
