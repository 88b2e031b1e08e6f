// Checks that columns are surveyed on a thread as they are without one. `make check-tsan` runs it under ThreadSanitizer too.
#include "core/inspect/file_survey.hpp"

#include "support/batch_reading.hpp"

#include <stdexcept>

namespace vero {
namespace {

constexpr HashKey kKey{0x0011223344556677, 0x8899AABBCCDDEEFF};

/// The header of email, event and time, the time in two columns, and of some properties.
ValidationRules make_rules(TimeZone const &zone)
{
	Header const header{{{"email", Role::email, ""},
						 {"event", Role::event_name, ""},
						 {"date", Role::time, ""},
						 {"clock", Role::clock, ""},
						 {"number", Role::property, "number"},
						 {"text", Role::property, "text"}},
						0,
						1,
						2,
						3};
	return {header, {}, "", "UTF8", kMaxRecordSize, &zone};
}

/// Events and rejects, escaped cells, too few cells and too many; `longest` bytes of the longest cell.
std::string file_of(std::size_t records, std::size_t longest)
{
	std::string file;
	for (std::size_t i = 1; i <= records; ++i) {
		std::string const number = std::to_string(i);
		file += i % 11 == 0 ? "nobody" : "a" + std::to_string(i % 17) + "@b.co";
		file += i % 13 == 0 ? ",,13.01.2022" : ",x,2022-01-01";
		file += "," + std::to_string(i % 24) + ":05," + number;
		file += ",\"say \"\"" + number + "\"\" " + std::string(i == records / 2 ? longest : i % 50, 'x') + "\"";
		file += i % 19 == 0 ? ",more\n" : "\n";
		file += i % 23 == 0 ? "short\n,,,\n" : "";
	}
	return file;
}

/// Reads the file in chunks, with a thread behind the first `chunks_alone`.
class Look {
public:
	Look(std::string_view file, std::size_t chunk, std::size_t chunks_alone, Delays &delays)
		: survey(RecordStream(Dialect(), kMaxRecordSize, StreamForm()), make_rules(zone_), {}, kKey, 1'000'000)
	{
		std::optional<SurveyThread> thread;
		for (std::size_t chunks = 0; !survey.go_on(); ++chunks) {
			if (chunks == chunks_alone)
				survey.survey_on(thread.emplace(survey.record_survey()));
			delays.pass();
			survey.stream().feed(file.substr(0, chunk));
			if (file.empty())
				survey.finish();
			file.remove_prefix(std::min(chunk, file.size()));
		}
	}

private:
	TimeZone zone_;

public:
	FileSurvey survey;
};

std::vector<std::pair<std::string, std::uint64_t>> pairs_of(std::vector<LayoutCount> const &counts)
{
	std::vector<std::pair<std::string, std::uint64_t>> pairs;
	for (LayoutCount const &count : counts)
		pairs.emplace_back(count.layout, count.values);
	return pairs;
}

void expect_same(FileSurvey const &one, FileSurvey const &other)
{
	EXPECT_EQ(one.records(), other.records());
	EXPECT_EQ(one.rejects(), other.rejects());
	EXPECT_EQ(pairs_of(one.times().counts()), pairs_of(other.times().counts()));
	ASSERT_EQ(one.columns().size(), other.columns().size());
	for (std::size_t i = 0; i < one.columns().size(); ++i) {
		ColumnSurvey const &a = one.columns()[i], &b = other.columns()[i];
		EXPECT_EQ(a.filled(), b.filled());
		EXPECT_EQ(a.distinct().count(), b.distinct().count());
		EXPECT_EQ(a.longest(), b.longest());
		EXPECT_EQ(a.examples(), b.examples());
		EXPECT_EQ(a.kind(), b.kind());
		EXPECT_EQ(a.has_addresses(), b.has_addresses());
		EXPECT_EQ(a.numbers().form(), b.numbers().form());
		EXPECT_EQ(pairs_of(a.times().counts()), pairs_of(b.times().counts()));
	}
}

constexpr std::size_t kNever = ~std::size_t{0};

TEST(SurveyThread, FindsWhatIsFoundWithoutIt)
{
	for (unsigned round = 0; round < 6; ++round) {
		Delays delays(round);
		std::string const file = file_of(4000 + 1500 * round, 5);
		std::size_t const chunk = 1000 + 9000 * round;
		Look const alone(file, chunk, kNever, delays), ahead(file, chunk, round, delays);
		EXPECT_GT(alone.survey.rejects(), 0U);
		expect_same(alone.survey, ahead.survey);
	}
}

TEST(SurveyThread, LeavesRecordsThatAreLargeToItsOwner)
{
	Delays delays(0);
	std::string const file = file_of(3000, 2 * SurveyThread::kBatchSize);
	Look const alone(file, 50'000, kNever, delays), ahead(file, 50'000, 0, delays);
	EXPECT_GT(alone.survey.columns()[5].longest(), SurveyThread::kBatchSize);
	expect_same(alone.survey, ahead.survey);
}

TEST(SurveyThread, EndsWhenItsOwnerLeaves)
{
	TimeZone const zone;
	std::string const raw = "a@b.co";
	std::vector<Cell> const cells{{0, 6, false, false, false}};
	Record record{};
	record.raw = raw;
	record.cells = cells;
	for (unsigned round = 0; round < 20; ++round) {
		Delays delays(round);
		RecordSurvey survey(make_rules(zone), kKey);
		SurveyThread thread(survey);
		for (std::size_t records = delays.up_to(20'000); records > 0; --records)
			thread.add(record, 0);
		if (round % 2 == 0)
			thread.stop();
	}
}

} // namespace
} // namespace vero
