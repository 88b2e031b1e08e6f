// Checks how records of small CSVs are judged as a whole: blank ones, short and long ones, quotes that are open, bytes that are no text.
#include "support/small_import.hpp"

#include <array>
#include <gtest/gtest.h>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace vero {

using namespace test;

TEST(ValidatorRecord, PassesOverBlankRecords)
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

TEST(ValidatorRecord, TakesNothingForABlankRecordThatMayHoldSomething)
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

TEST(ValidatorRecord, AllowsBlankCellsBeyondTheHeader)
{
	EXPECT_EQ(codes_of(line("a@b.co") + ",, \t,\"\",\xC2\xA0"), Codes{});
	EXPECT_EQ(codes_of(line("a@b.co") + ",,0"), Codes{ErrorCode::too_many_fields});
	EXPECT_EQ(codes_of(line("a@b.co") + ",\"\"\"\""), Codes{ErrorCode::too_many_fields});
	Import const import("email,name,time,p\n" + line("a@b.co") + ",,");
	EXPECT_EQ(import.properties(), (StoredMembers{{"p", "red"}}));
}

TEST(ValidatorRecord, NamesTheColumnsThatAreMissing)
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

TEST(ValidatorRecord, MissesNoColumnWithoutAName)
{
	Import const import("email,name,time,,\na@b.co,x,2022-01-01\na@b.co,x,2022-01-01,\na@b.co,x\n");
	EXPECT_EQ(import.batch.events.size(), 2U);
	EXPECT_EQ(import.codes(), Codes{ErrorCode::too_few_fields});
}

TEST(ValidatorRecord, FillsUpShortRecordsWhereTold)
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

TEST(ValidatorRecord, KnowsTheHeaderWhenItComesAgain)
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

TEST(ValidatorRecord, CountsFields)
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

TEST(ValidatorRecord, RejectsTextBehindAClosingQuote)
{
	auto const error = error_of(line("a@x.io", "n", std::string(noon), "\"red\" hat"));
	EXPECT_EQ(error.code, ErrorCode::malformed_quote);
	EXPECT_EQ(error.column, "p");
	EXPECT_EQ(error.value, "\"red\" hat");
	EXPECT_EQ(error.message, "text follows the closing quote in column \"p\"");
	EXPECT_EQ(codes_of(line("\"a\"@x.io")), Codes{ErrorCode::malformed_quote}) << "the cell is not read any further";
}

TEST(ValidatorRecord, RejectsAQuoteThatIsNotClosed)
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

TEST(ValidatorRecord, RejectsWhatIsNotUtf8)
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

TEST(ValidatorRecord, RejectsNulBytes)
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

TEST(ValidatorRecord, RejectsWhatIsTooLong)
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

TEST(ValidatorRecord, RejectsWhatCannotBeDecoded)
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

TEST(ValidatorRecord, RejectsValuesInUnnamedColumns)
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

TEST(ValidatorRecord, ReportsWhatIsWrongBehindTheHeadersColumns)
{
	EXPECT_EQ(codes_of(line("a@x.io") + ",x\0"s), (Codes{ErrorCode::too_many_fields, ErrorCode::nul_byte}));
	EXPECT_EQ(codes_of(line("a@x.io") + ",\xFF"), (Codes{ErrorCode::too_many_fields, ErrorCode::invalid_encoding}));
	EXPECT_EQ(codes_of(line("a@x.io") + ",\"x\"y"), (Codes{ErrorCode::too_many_fields, ErrorCode::malformed_quote}));
	EXPECT_EQ(codes_of(line("a@x.io", "n", std::string(noon), "\"x\0\xFF"s)),
			  (Codes{ErrorCode::unterminated_quote, ErrorCode::nul_byte, ErrorCode::invalid_encoding}));
}

TEST(ValidatorRecord, CountsCellsThatAreNotNoted)
{
	Import const import("email,name,time\nann@shop.example,x,2022-01-01" + std::string(kMaxColumns, ',') + "\"a\"b\n\n",
						{.max_record_size = 20'000});
	EXPECT_EQ(import.codes(), (Codes{ErrorCode::too_many_fields, ErrorCode::malformed_quote}));
	EXPECT_EQ(import.error(0).message, "record has 10003 fields, the header has 3");
	EXPECT_EQ(import.error(1).message, "text follows the closing quote in field 10003");
}

} // namespace vero
