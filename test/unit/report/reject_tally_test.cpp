// Checks how the errors of rejected records are summed up, which options are named for them, and that memory has a limit.
#include "core/report/reject_tally.hpp"

#include "core/time/unread_time.hpp"
#include "support/small_import.hpp"

#include <gtest/gtest.h>
#include <random>

namespace vero {
namespace {

class Rejects {
public:
	explicit Rejects(RejectSetting setting = {"UTF8"}) { tally.expect(std::move(setting)); }

	void add(std::vector<RecordError> errors, std::string_view raw = "raw")
	{
		tally.add({++number_, number_ + 1, 0, batch_.store(raw), true, errors, batch_.store("reason"), {}});
	}
	void add_time(std::string_view value)
	{
		add({{ErrorCode::invalid_time, "time", value, "", find_iso_fault(value).has_value()}});
	}

	/// The only kind's advice.
	std::string advice() const { return tally.kinds().at(0).advice; }

	RejectTally tally;

private:
	Batch batch_;
	std::uint64_t number_ = 0;
};

TEST(RejectTally, CountsErrorsThatAreAlike)
{
	Rejects rejects;
	EXPECT_TRUE(rejects.tally.kinds().empty());
	rejects.add({{ErrorCode::invalid_email, "email", "cersei", ""}, {ErrorCode::missing_time, "time", "", ""}});
	rejects.add({{ErrorCode::invalid_email, "email", "jaime", ""}});
	auto const kinds = rejects.tally.kinds();
	ASSERT_EQ(kinds.size(), 2U);
	EXPECT_EQ(kinds[0].count, 2);
	EXPECT_EQ(kinds[0].words, "not an email address");
	EXPECT_EQ(kinds[0].example, "cersei");
	EXPECT_EQ(kinds[1].words, "time is missing");
	EXPECT_EQ(kinds[1].example, "");
	EXPECT_EQ(kinds[1].advice, "");
}

TEST(RejectTally, TellsTimesThatDoNotExistFromOtherLayouts)
{
	Rejects rejects;
	rejects.add_time("2022-02-29");
	rejects.add_time("01/02/2022");
	auto const kinds = rejects.tally.kinds();
	ASSERT_EQ(kinds.size(), 2U);
	EXPECT_EQ(kinds[0].words, "a time that does not exist");
	EXPECT_EQ(kinds[0].advice, "");
	EXPECT_EQ(kinds[1].words, "not a time in ISO 8601");
	Rejects others({"UTF8", true});
	others.add_time("01/02/2022");
	EXPECT_EQ(others.tally.kinds().at(0).words, "not a time in ISO 8601, nor in time_formats");
}

TEST(RejectTally, NamesTheLayoutsThatAllTimesFit)
{
	Rejects rejects;
	rejects.add_time("01/02/2022");
	EXPECT_EQ(rejects.advice(), "time_formats => '{%d/%m/%Y}' or '{%m/%d/%Y}' would read it");
	rejects.add_time("02/03/2022");
	EXPECT_EQ(rejects.advice(), "time_formats => '{%d/%m/%Y}' or '{%m/%d/%Y}' would read them");
	rejects.add_time("2022-02-29"); // of another kind
	rejects.add_time("31/01/2022");
	EXPECT_EQ(rejects.advice(), "time_formats => '{%d/%m/%Y}' would read them");
	rejects.add_time("never");
	EXPECT_EQ(rejects.advice(), "");
	rejects.add_time("31/01/2022");
	EXPECT_EQ(rejects.advice(), "");
}

TEST(RejectTally, NamesTheEncodingThatAllBytesAreTextIn)
{
	std::vector<RecordError> const undecodable{{ErrorCode::invalid_encoding, std::nullopt, std::nullopt, ""}};
	Rejects rejects({"UTF8", false, Notation::copy});
	rejects.add(undecodable, "Caf\xE9 \x80");
	EXPECT_EQ(rejects.tally.kinds().at(0).words, "not valid UTF8");
	EXPECT_EQ(rejects.advice(), "encoding 'WIN1252' would read it");
	rejects.add({{ErrorCode::invalid_email, "email", "x", ""}}, "\x81");
	EXPECT_EQ(rejects.advice(), "encoding 'WIN1252' would read it");
	rejects.add(undecodable, "\x81");
	EXPECT_EQ(rejects.advice(), "");
	Rejects others({"LATIN1"});
	others.add(undecodable, "Caf\xE9");
	EXPECT_EQ(others.advice(), "");
}

TEST(RejectTally, NamesTheOptionThatLeavesColumnsOut)
{
	Rejects rejects;
	rejects.add({{ErrorCode::unnamed_column, "", "0", ""}});
	EXPECT_EQ(rejects.advice(), R"(columns => '{"": null}' would drop it)");
}

TEST(RejectTally, NamesTheFunctionThatMakesPartitions)
{
	Rejects rejects;
	rejects.add({{ErrorCode::no_partition, "time", "2022-01-01", ""}});
	EXPECT_EQ(rejects.advice(), "vero.create_partitions() would make room for it");
}

TEST(RejectTally, ShowsExamplesByTheirLinesWheneverTheyAreFound)
{
	Rejects rejects;
	auto add = [&](std::uint64_t line, ErrorCode code) {
		std::vector<RecordError> const errors{{code, std::nullopt, std::nullopt, ""}};
		rejects.tally.add({1, line, 0, {}, true, errors, {}, {}});
	};
	add(5, ErrorCode::missing_email);
	add(9, ErrorCode::missing_email);
	add(2, ErrorCode::duplicate_event);
	add(7, ErrorCode::duplicate_event);
	std::vector<std::int64_t> lines;
	for (auto const &example : rejects.tally.examples())
		lines.push_back(example.line_number);
	EXPECT_EQ(lines, (std::vector<std::int64_t>{2, 5, 7, 9}));
	EXPECT_EQ(rejects.tally.kinds().at(1).words, "a duplicate of another event");
}

TEST(RejectTally, ShowsFewExamplesOfAKind)
{
	Rejects rejects;
	for (int i = 0; i < 10; i++)
		rejects.add({{ErrorCode::missing_email, "email", "", ""}});
	EXPECT_EQ(rejects.tally.examples().size(), RejectTally::kExamplesOfKind);
	rejects.add({{ErrorCode::missing_email, "email", "", ""}, {ErrorCode::missing_time, "time", "", ""}});
	auto const &examples = rejects.tally.examples();
	ASSERT_EQ(examples.size(), 4U);
	EXPECT_EQ(examples[3].line_number, 12);
	EXPECT_EQ(examples[3].reason, "reason");
	EXPECT_EQ(examples[3].raw, "raw");
	EXPECT_EQ(rejects.tally.kinds().at(0).count, 11);
}

TEST(RejectTally, HasALimit)
{
	Rejects rejects;
	std::string const column(10'000, 'x');
	for (std::size_t i = 0; i < 100; i++) {
		std::string const name = column.substr(0, 100) + std::to_string(i);
		for (int each = 0; each < 2; each++)
			rejects.add({{ErrorCode::invalid_property, name, column.substr(0, 103), ""}}, column);
	}
	auto const kinds = rejects.tally.kinds();
	ASSERT_EQ(kinds.size(), kRejectKinds);
	EXPECT_EQ(kinds.back().words, "other errors");
	EXPECT_EQ(kinds.back().count, 200 - 2 * static_cast<std::int64_t>(kRejectKinds - 1));
	EXPECT_EQ(rejects.tally.examples().size(), kShownRejects);
	for (auto const &kind : kinds)
		EXPECT_LE(kind.words.size() + kind.example.size() + kind.advice.size(), RejectTally::kLargestKind);
	for (auto const &example : rejects.tally.examples())
		EXPECT_LE(example.raw.size() + example.reason.size(), RejectTally::kLargestExample);
}

} // namespace
namespace {

/// All that is told.
std::string all_of(RejectTally const &tally)
{
	std::string all;
	for (RejectKind const &kind : tally.kinds())
		all += std::to_string(kind.count) + "|" + kind.words + "|" + kind.example + "|" + kind.advice + "\n";
	for (ShownReject const &example : tally.examples())
		all += std::to_string(example.line_number) + "|" + example.reason + "|" + example.raw + "\n";
	return all;
}

/// Records with mistakes of some kinds: with all of them there are more than are told apart.
std::string make_bad_records(std::mt19937 &random, std::size_t kinds)
{
	constexpr std::string_view mistakes[] = {
		"nobody,a,2022-01-01,,,,,,,,,\n",
		",a,2022-01-01,,,,,,,,,\n",
		"a@b.co,,2022-01-01,,,,,,,,,\n",
		"a@b.co,a,,,,,,,,,,\n",
		"a@b.co,a,31/12/2022,,,,,,,,,\n",
		"a@b.co,a,12/31/2022,,,,,,,,,\n",
		"a@b.co,a,2022-02-30,,,,,,,,,\n",
		"a@b.co,a,01.02.2022,,,,,,,,,\n",
		"a@b.co,a\xFF,2022-01-01,,,,,,,,,\n",
		"a@b.co,a\x81,2022-01-01,,,,,,,,,\n",
		"a@b.co,a,2022-01-01,x,x,,,,,,,\n",
		"a@b.co,a,2022-01-01,,,x,x,,,,,\n",
		"a@b.co,a,2022-01-01,,,,,x,x,x,x,\n",
		"nobody,,soon,x,,,,,,,,x\n",
		"a@b.co,a,2022-01-01\n",
		"email,name,time,n1,n2,n3,n4,n5,n6,n7,n8,\n",
		"a@b.co,a,2022-01-01,,,,,,,,,,,,x\n",
		"a@b.co,\"a\"b,2022-01-01,,,,,,,,,\n",
	};
	std::string records;
	for (int i = 0; i < 300; i++)
		records += mistakes[random() % std::min(kinds, std::size(mistakes))];
	return records;
}

} // namespace

TEST(RejectTally, IsTheSameWhereRejectsAreOnlyCounted)
{
	test::Setting setting;
	for (int i = 1; i <= 8; i++)
		setting.types.named.push_back({"n" + std::to_string(i), PropertyType::number});
	for (unsigned round = 0; round < 100; round++) {
		std::mt19937 random(round);
		test::Import import("email,name,time,n1,n2,n3,n4,n5,n6,n7,n8,\n", setting);
		RecordReader reader(Dialect(), 1000);
		reader.feed(make_bad_records(random, 2 + random() % 20));
		reader.finish();
		RejectTally plain, tally;
		std::size_t counted = 0;
		auto add = [&] {
			tally.add(import.batch);
			import.batch.clear();
			EXPECT_EQ(all_of(tally), all_of(plain)) << "round " << round;
		};
		Record record;
		while (reader.next(record)) {
			import.judge(record);
			Reject reject = import.batch.rejects.back();
			counted += reject.is_counted ? 1 : 0;
			reject.errors = import.check(record);
			plain.add(reject);
			if (random() % 100 == 0)
				add();
		}
		add();
		EXPECT_GT(counted, 0U);
	}
}

} // namespace vero
