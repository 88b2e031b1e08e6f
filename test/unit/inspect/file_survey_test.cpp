// Checks what is found in small files, and what is advised of them.
#include "core/inspect/advice.hpp"
#include "core/inspect/column_description.hpp"

#include "core/intake/record_shape.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

using namespace std::string_literals;

namespace vero {
namespace {

using Texts = std::vector<std::string>;

constexpr HashKey kKey{1, 2};
constexpr std::size_t kMaxRecordSize = 10'000;

/// The whole of a small CSV with a header that is understood.
class Look {
public:
	explicit Look(std::string_view csv, std::uint64_t max_records = 1000, std::vector<ColumnTarget> targets = {})
		: targets_(std::move(targets))
	{
		RecordStream stream(Dialect(), kMaxRecordSize, StreamForm());
		stream.feed(csv);
		Record record;
		EXPECT_TRUE(stream.next(record));
		for (Cell const &cell : record.cells)
			names_.push_back(header_text(record, cell, Dialect()));
		ValidationRules rules{resolve_header(names_, targets_, false).value(), {}, "", "UTF8", kMaxRecordSize, &utc_};
		rules.header_cells = names_;
		survey_ = std::make_unique<FileSurvey>(std::move(stream), rules, FileSurvey::Convert(), kKey, max_records);
		if (!survey_->go_on()) {
			survey_->finish();
			EXPECT_TRUE(survey_->go_on());
		}
	}

	FileSurvey const *operator->() const { return survey_.get(); }
	ColumnSurvey const &column(std::size_t i) const { return survey_->columns()[i]; }
	ColumnDescription describe(std::size_t i) const
	{
		return describe_column(column(i), names_[i], survey_->header().columns[i].role, column(i).times());
	}
	Advice advice() const { return advise_on_reading(*survey_, {names_, targets_, "file"}); }
	TypeAdvice types() const { return advise_on_types(survey_->columns(), survey_->header(), names_); }

private:
	TimeZone utc_;
	Texts names_;
	std::vector<ColumnTarget> targets_;
	std::unique_ptr<FileSurvey> survey_;
};

TEST(FileSurvey, CountsRecordsAndRejects)
{
	Look const look(
		"email,event,time\na@b.co,x,2022-01-01\n,,\nnobody,,2022-01-01\nemail,event,time\nb@b.co,x,2022-01-01\n");
	EXPECT_EQ(look->records(), 4U);
	EXPECT_EQ(look->blank_records(), 1U);
	EXPECT_EQ(look->rejects(), 2U);
	EXPECT_EQ(look->count(ErrorCode::invalid_email), 1U);
	EXPECT_EQ(look->count(ErrorCode::missing_event_name), 1U);
	EXPECT_EQ(look->count(ErrorCode::repeated_header), 1U);
	EXPECT_TRUE(look->is_whole());
	EXPECT_EQ(look.column(0).filled(), 3U) << "a header that comes again has no values";
}

TEST(FileSurvey, LooksAtAsManyRecordsAsItIsTold)
{
	auto const csv = "email,event,time\na@b.co,x,2022-01-01\nb@b.co,x,2022-01-01\n";
	EXPECT_EQ(Look(csv, 1)->records(), 1U);
	EXPECT_FALSE(Look(csv, 1)->is_whole());
	EXPECT_EQ(Look(csv, 2)->records(), 2U);
	EXPECT_TRUE(Look(csv, 2)->is_whole());
}

TEST(FileSurvey, JudgesEachRecordWhoseAddressWasThereBefore)
{
	Look const look("email,event,time\na@b.co,x,2022-01-01\n\"a@b.co\",,2022-01-01\n a@b.co "
					",x,none\na@b.co,x,2022-01-01\nnone,x,2022-01-01\n"
					"\"a@b.co\"\"\",x,2022-01-01\n,x,2022-01-01\n,x,2022-01-01\n");
	EXPECT_EQ(look->rejects(), 6U);
	EXPECT_EQ(look->count(ErrorCode::missing_event_name), 1U);
	EXPECT_EQ(look->count(ErrorCode::invalid_time), 1U);
	EXPECT_EQ(look->count(ErrorCode::missing_email), 3U) << "none is a placeholder";
	EXPECT_EQ(look->count(ErrorCode::invalid_email), 1U);
}

TEST(FileSurvey, DescribesColumns)
{
	Look const look("email,event,time,a,b,c,d,\n"
					"a@b.co,x,2022-01-01,\" gr\xC3\xBC\xC3\x9F\"\"e\",1,,yes,\n"
					"c@d.ee,x,2022-01-01,\"\",2,,No,\n"
					"c@d.ee,y,2022-01-01,\xC2\xA0,2,,YES,\n");
	EXPECT_EQ(look.column(0).distinct().count(), 2U);
	EXPECT_EQ(look.column(0).kind(), ValueKind::email);
	EXPECT_EQ(look.column(1).examples(), (Texts{"x", "y"}));
	EXPECT_EQ(look.column(2).kind(), ValueKind::time);
	EXPECT_EQ(look.column(3).filled(), 1U);
	EXPECT_EQ(look.column(3).longest(), 6U) << "characters, without blanks round them";
	EXPECT_EQ(look.column(3).examples(), Texts{"gr\xC3\xBC\xC3\x9F\"e"});
	EXPECT_EQ(look.column(4).kind(), ValueKind::integer);
	EXPECT_EQ(look.column(5).kind(), ValueKind::none);
	EXPECT_EQ(look.column(6).kind(), ValueKind::boolean);
	EXPECT_EQ(look.describe(0).taken_for, "email");
	EXPECT_EQ(look.describe(1).taken_for, "event name");
	EXPECT_EQ(look.describe(2).time_formats, "ISO 8601");
	EXPECT_EQ(look.describe(4).time_formats, "");
	EXPECT_EQ(look.describe(7).taken_for, "ignored");
}

TEST(FileSurvey, ShowsExamplesThatCannotAct)
{
	Look const look("email,event,time,a\na@b.co,x,2022-01-01,\"b\xE2\x80\x8B\x1B[31m and more than can be shown\"\n");
	EXPECT_EQ(look.describe(3).examples, Texts{"b\\u200B\\x1B[31m and more than ca..."});
}

TEST(Advice, ProposesWhatIsCertain)
{
	EXPECT_FALSE(Look("email,event,time\na@b.co,x,2022-01-01\n").advice().has_options());
	EXPECT_EQ(Look("email,event,time\na@b.co,x,13.01.2022\n").advice().time_formats, Texts{"%d.%m.%Y"});
	EXPECT_TRUE(Look("email,event,time,a\na@b.co,x,2022-01-01\n").advice().null_padding);
	EXPECT_FALSE(Look("email,event,a,time\na@b.co,x,y\n").advice().null_padding) << "the time is missing";
	EXPECT_EQ(Look("email,event,time\na@b.co,Caf\xE9,2022-01-01\n").advice().encoding, "WIN1252");
	EXPECT_FALSE(Look("email,event,time\na@b.co,Caf\xE9,2022-01-01\na@b.co,\x81,2022-01-01\n").advice().encoding);
	auto const unnamed = Look("email,event,time,\na@b.co,x,2022-01-01,5\n").advice().columns;
	ASSERT_EQ(unnamed.size(), 1U);
	EXPECT_EQ(unnamed[0].target, "");
	EXPECT_FALSE(unnamed[0].column);
}

TEST(Advice, JoinsDateAndClock)
{
	auto const columns = Look("email,event,date,time\na@b.co,x,2022-01-01,13:05\n").advice().columns;
	ASSERT_EQ(columns.size(), 1U);
	EXPECT_EQ(columns[0].column, "date");
	EXPECT_EQ(columns[0].clock, "time");
	EXPECT_FALSE(Look("email,event,date,due,time\na@b.co,x,2022-01-01,2022-01-01,13:05\n").advice().has_options());
	EXPECT_EQ(Look("email,event,date,time\na@b.co,x,13.01.2022,1:05 pm\n").advice().columns.size(), 1U);
	Look const joined("email,event,date,time\na@b.co,x,13.01.2022,1:05 PM\n", 1000, {{"time", "date", "time"}});
	EXPECT_EQ(joined.advice().time_formats, Texts{"%d.%m.%Y %I:%M %p"});
	EXPECT_EQ(Look("email,event,date,time\na@b.co,x,13.01.2022,13:05 Uhr\n").advice().columns.size(), 1U);
	EXPECT_FALSE(Look("email,event,date,time\na@b.co,x,13.01.2022,13:05 x\n").advice().columns.size() == 1);
}

TEST(Advice, DoubtsNamesThatAreNoEvents)
{
	auto const people = "email,name,time\na@b.co,Ann,2022-01-01\nc@d.ee,Bob,2022-01-01\n";
	EXPECT_EQ(Look(people).advice().event_name, "file");
	EXPECT_EQ(Look(people).advice().warnings.size(), 1U);
	EXPECT_FALSE(Look(people, 1000, {{"event_name", "name"}}).advice().event_name) << "it was told";
	auto const one = Look("email,name,time\na@b.co,Ann,2022-01-01\n").advice();
	EXPECT_FALSE(one.event_name);
	EXPECT_EQ(one.questions.size(), 1U);
	EXPECT_FALSE(Look("email,name,time\na@b.co,Buy,2022-01-01\nc@d.ee,Buy,2022-01-01\n").advice().has_options());
	EXPECT_TRUE(Look("email,event,time\na@b.co,Ann,2022-01-01\nc@d.ee,Bob,2022-01-01\n").advice().warnings.empty());
}

TEST(Advice, FindsTheAddressesInAnotherColumn)
{
	auto const columns = Look("email,contact,event,time\nyes,a@b.co,x,2022-01-01\n").advice().columns;
	ASSERT_EQ(columns.size(), 1U);
	EXPECT_EQ(columns[0].column, "contact");
	EXPECT_FALSE(Look("email,a,b,event,time\nyes,a@b.co,a@b.co,x,2022-01-01\n").advice().has_options());
	EXPECT_FALSE(Look("email,contact,event,time\nx@y.zz,a@b.co,x,2022-01-01\n").advice().has_options());
}

TEST(Advice, GivesTypesWhereTheyAreCertain)
{
	auto const types = Look("email,event,time,price,zip,new,more,count\n"
							"a@b.co,x,2022-01-01,\"1.234,50\",01234,yes,{},5\n")
						   .types();
	EXPECT_EQ(types.decimal_mark, ',');
	EXPECT_EQ(types.types, (std::vector<std::pair<std::string, std::string>>{
							   {"price", "number"}, {"new", "boolean"}, {"more", "json"}}));
	EXPECT_FALSE(Look("email,event,time,a,b\na@b.co,x,2022-01-01,\"1,5\",1.5\n").types().decimal_mark);
	EXPECT_EQ(Look("email,event,time,a,b\na@b.co,x,2022-01-01,\"1,5\",1.5\n").types().types.size(), 1U);
	EXPECT_TRUE(Look("email,event,time,a,b\na@b.co,x,2022-01-01,1.234,1\n").types().types.empty());
}

FileBeginning beginning_of(std::string text, std::vector<ColumnTarget> targets = {})
{
	return {std::move(text),	Dialect(), {',', ';', '\t', '|'}, 0,   kMaxRecordSize,
			std::move(targets), false,	   Notation::function,	  true};
}

Advice header_advice(FileBeginning const &beginning)
{
	auto const sample = find_header_sample(beginning);
	EXPECT_TRUE(sample);
	return sample ? advise_on_header(beginning, *sample, "file") : Advice{};
}

TEST(HeaderAdvice, FindsDelimiterHeaderAndColumns)
{
	auto const advice = header_advice(
		beginning_of("Report\n\nWho;What;When\na@b.co;\"x;y\";2022-01-01\nc@d.ee;z;2022-01-02\nTotal;2;\n"));
	EXPECT_EQ(advice.delimiter, ';');
	EXPECT_EQ(advice.skip_lines, 2U);
	ASSERT_EQ(advice.columns.size(), 2U);
	EXPECT_EQ(advice.columns[0].target, "email");
	EXPECT_EQ(advice.columns[0].column, "Who");
	EXPECT_EQ(advice.columns[1].column, "When");
	EXPECT_EQ(advice.event_name, "file");
	EXPECT_TRUE(advice.questions.empty());
}

TEST(HeaderAdvice, AddsNoMoreThanIsNeeded)
{
	auto const advice = header_advice(beginning_of("email,event,when\na@b.co,x,2022-01-01\n"));
	EXPECT_FALSE(advice.delimiter || advice.skip_lines || advice.event_name);
	ASSERT_EQ(advice.columns.size(), 1U);
	EXPECT_EQ(advice.columns[0].target, "time");
	auto const told = header_advice(beginning_of("who,event,when\na@b.co,x,2022-01-01\n", {{"email", "who"}}));
	EXPECT_EQ(told.columns.size(), 1U);
}

TEST(HeaderAdvice, AsksWhichOfSeveralIsMeant)
{
	auto const times = header_advice(beginning_of("email,event,made,changed\na@b.co,x,2022-01-01,2022-01-02\n"));
	EXPECT_FALSE(times.has_options());
	EXPECT_EQ(times.questions.size(), 1U);
	auto const emails = header_advice(beginning_of("who,boss,event,time\na@b.co,c@d.ee,x,2022-01-01\n"));
	EXPECT_FALSE(emails.has_options());
	EXPECT_EQ(emails.questions.size(), 1U);
}

TEST(HeaderAdvice, LeavesOutColumnsOfOneName)
{
	auto const advice = header_advice(beginning_of("email,event,time,a,b,a\na@b.co,x,2022-01-01,1,2,3\n"));
	ASSERT_EQ(advice.columns.size(), 1U);
	EXPECT_EQ(advice.columns[0].target, "a");
	EXPECT_FALSE(advice.columns[0].column);
	EXPECT_EQ(advice.warnings.size(), 1U);
}

TEST(HeaderAdvice, KnowsWhereThereIsNoHeader)
{
	auto const records = beginning_of("a@b.co,x,2022-01-01\nc@d.ee,x,2022-01-01\n");
	EXPECT_FALSE(find_header_sample(records));
	EXPECT_EQ(advise_without_header(records).questions.size(), 1U);
	EXPECT_FALSE(find_header_sample(beginning_of("email,event,time\nnobody,x,2022-01-01\n")));
	EXPECT_TRUE(advise_without_header(beginning_of("email,event,time\nnobody,x,2022-01-01\n")).questions.empty());
	EXPECT_FALSE(find_header_sample(beginning_of("")));
}

TEST(HeaderAdvice, GuessesEncodings)
{
	EXPECT_EQ(guess_encoding("Gr\xF6\xDF"
							 "e,b\n\xE9,x\n"),
			  "WIN1252");
	EXPECT_EQ(guess_encoding("e\0m\0a\0i\0l\0,\0x\0\n\0"s), "UTF-16LE");
	EXPECT_EQ(guess_encoding("\0e\0m\0a\0i\0l\0,\0x\0\n"s), "UTF-16BE");
	EXPECT_FALSE(guess_encoding("email,b\nx,y\n"));
	EXPECT_FALSE(guess_encoding("PK\x03\x04\xE9\n"));
	EXPECT_FALSE(guess_encoding(""));
}

TEST(Advice, AsksWhatEventsAreCalled)
{
	EXPECT_EQ(ask_what_events_are("orders", Texts{"a", "b"}),
			  "What are the events called? The call says \"orders\", for want of anything better.");
	EXPECT_NE(ask_what_events_are("orders", Texts{"a", "User Action"}).find("\"User Action\""), std::string::npos);
}

} // namespace
} // namespace vero
