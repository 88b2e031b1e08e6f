// Looks at a file as an import would read it, and stores nothing.
#include "pg/inspect/inspect.hpp"

#include "core/inspect/advice.hpp"
#include "core/text/name_folding.hpp"
#include "core/text/text.hpp"
#include "pg/base/backend_thread.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/random.hpp"
#include "pg/base/settings.hpp"
#include "pg/base/zone.hpp"
#include "pg/import/import.hpp"
#include "pg/inspect/inspect_options.hpp"

#include <algorithm>
#include <malloc.h>
#include <optional>

namespace vero::pg {
namespace {

/// How often a file is read at most: each time there is an option more.
constexpr int kMostReadings = 6;

/// So many are read and surveyed on one thread: of a small file there is nothing to be gained by a second one.
constexpr std::size_t kChunksAlone = 1;

/// The options without the words that people are told of them once.
ImportOptions check_again(GivenOptions given)
{
	std::optional<std::string> zone = std::exchange(given.time_zone, std::nullopt);
	ImportOptions options = check_options(std::move(given));
	if (zone) {
		options.time_zone = zone;
		options.zone_name = *zone;
	}
	return options;
}

/// A SurveyThread inside a backend. It runs no function of PostgreSQL's.
class SurveyAhead {
public:
	explicit SurveyAhead(FileSurvey &survey)
		: thread_(start_thread<SurveyThread>("surveys columns", survey.record_survey())),
		  stop_at_exit_([this] { thread_.stop(); })
	{
		survey.survey_on(thread_);
	}

private:
	SurveyThread thread_;
	StopAtExit stop_at_exit_;
};

void read_to_end(CsvInput &input, FileSurvey &survey)
{
	std::optional<SurveyAhead> ahead;
	for (std::size_t chunks = 0; !survey.go_on(); chunks++) {
		if (!input.feed(survey.stream())) {
			survey.finish();
		} else if (chunks == kChunksAlone) {
			ahead.emplace(survey);
		}
	}
}

/// Reads a file again and again, each time with what the last time has told.
class Inspector {
public:
	Inspector(InspectedSource const &source, GivenOptions given, std::uint64_t max_records)
		: source_(source), first_given_(given), given_(std::move(given)), max_records_(max_records)
	{
		options_ = check_options(given_);
		names_time_ =
			std::any_of(options_.file.columns.begin(), options_.file.columns.end(),
						[](ColumnTarget const &target) { return target.column && fold_name(target.target) == "time"; });
	}

	Inspection run()
	{
		for (int reading = 1; !read(reading == kMostReadings); reading++)
			options_ = check_again(given_);
		describe_options();
		if (result_.error.empty())
			result_.call = write_call(source_.argument, given_, doubt_);
		return std::move(result_);
	}

private:
	/// True where there is nothing more to be tried.
	bool read(bool is_last)
	{
		std::unique_ptr<Source> source = source_.open();
		CsvInput input(*source, options_.file, static_cast<std::size_t>(max_record_size()), CsvInput::Hashing::off);
		Result<OpenedFile, FileFailure> opened = input.open();
		Advice advice;
		try {
			advice = opened ? look_at_records(input, *opened) : look_at_header(input, opened.error());
		} catch (ArchiveError const &error) {
			result_.error = to_failure(error, *source).words();
		}
		if (source->is_named_otherwise())
			result_.error = not_named_csv(*source).words();
		add(result_.warnings, advice.warnings);
		bool is_done = is_last || !advice.has_options();
		if (is_done) {
			add(result_.questions, advice.questions);
		} else {
			add_advice(given_, advice);
		}
		return is_done;
	}

	Advice look_at_header(CsvInput &input, FileFailure const &failure)
	{
		result_.error = failure.words();
		FileBeginning const beginning = input.beginning();
		if (!given_.encoding) {
			if (std::optional<std::string> encoding = guess_encoding(beginning.text)) {
				Advice advice;
				advice.encoding = encoding;
				return advice;
			}
		}
		std::optional<HeaderSample> sample = find_header_sample(beginning);
		if (!sample)
			return advise_without_header(beginning);
		describe_sample(*sample);
		return advise_on_header(beginning, *sample, source_.events);
	}

	Advice look_at_records(CsvInput &input, OpenedFile const &opened)
	{
		TimeZone const zone = find_time_zone(options_.time_zone);
		FileSurvey survey(input.take_stream(), make_rules(opened, options_, zone), input.converter(), random_hash_key(),
						  max_records_);
		read_to_end(input, survey);
		describe(opened, survey);
		GivenReading const given{opened.header_cells, options_.file.columns, source_.events,
								 given_.null_padding.value_or(false), names_time_};
		Advice advice = advise_on_reading(survey, given);
		if (given_.encoding)
			advice.encoding.reset();
		doubt_ = survey.times().choose().doubt;
		if (given_.event_name && !first_given_.event_name) {
			advice.questions.insert(advice.questions.begin(),
									ask_what_events_are(*given_.event_name, opened.header_cells));
		}
		if (!advice.has_options())
			add_types(given_, advise_on_types(survey.columns(), opened.header, opened.header_cells));
		return advice;
	}

	void describe_sample(HeaderSample const &sample)
	{
		result_.delimiter = {std::string(1, sample.delimiter), ""};
		result_.header_line = sample.header_line;
		result_.columns.clear();
		for (std::size_t i = 0; i < sample.columns.size(); i++) {
			ColumnSurvey const &column = sample.columns[i];
			result_.columns.push_back(describe_column(column, sample.names[i], std::nullopt, column.times()));
		}
	}

	void describe(OpenedFile const &opened, FileSurvey const &survey)
	{
		result_.error = survey.records() == 0 ? "the file has a header but no data records" : "";
		result_.columns.clear();
		for (std::size_t i = 0; i < survey.columns().size(); i++) {
			ColumnSurvey const &column = survey.columns()[i];
			bool is_time = i == survey.header().time;
			result_.columns.push_back(describe_column(column, opened.header_cells[i], opened.header.columns[i].role,
													  is_time ? survey.times() : column.times()));
		}
		result_.header_line = opened.header_line;
		result_.records = survey.records();
		result_.blank_records = survey.blank_records();
		result_.rejects = survey.rejects();
		result_.rejects_by_code.clear();
		for (std::size_t i = 0; i <= static_cast<std::size_t>(ErrorCode::more_errors); i++) {
			auto const code = static_cast<ErrorCode>(i);
			if (survey.count(code) > 0)
				result_.rejects_by_code.emplace_back(name_of(code), survey.count(code));
		}
		is_whole_ = survey.is_whole();
		describe_format(opened, survey);
	}

	void describe_format(OpenedFile const &opened, FileSurvey const &survey)
	{
		char delimiter = opened.dialect.delimiter;
		result_.delimiter = {std::string(1, delimiter),
							 first_given_.delimiter	  ? "as told"
							 : given_.delimiter		  ? "most records have an address in one column with it"
							 : opened.names_delimiter ? "the first line names it"
													  : "the header has an email column with it"};
		std::uint64_t const bad = survey.count(ErrorCode::invalid_encoding);
		result_.encoding = {opened.encoding, opened.mark != ByteOrderMark::none
												 ? "the file begins with its byte order mark"
											 : first_given_.encoding ? "as told"
											 : given_.encoding ? "all bytes that are no UTF-8 are characters in it"
											 : bad > 0 ? "not told; " + group_digits(static_cast<std::int64_t>(bad)) +
															 " records are no such text"
													   : "all records are such text"};
		result_.compression = {std::string(name_of(opened.compression)),
							   first_given_.compression ? "as told" : "by the first bytes"};
	}

	void describe_options()
	{
		result_.quote = {std::string(1, options_.file.dialect.quote),
						 first_given_.quote ? "as told" : "COPY's default"};
		result_.time_zone = options_.zone_name;
		if (!is_whole_) {
			result_.warnings.push_back("there are more records than the " +
									   group_digits(static_cast<std::int64_t>(max_records_)) +
									   " that were looked at: max_records says how many are");
		}
	}

	static void add(std::vector<std::string> &list, std::vector<std::string> &more)
	{
		for (std::string &each : more) {
			if (std::find(list.begin(), list.end(), each) == list.end())
				list.push_back(std::move(each));
		}
	}

	InspectedSource const &source_;
	GivenOptions const first_given_;
	GivenOptions given_;
	ImportOptions options_;
	std::uint64_t max_records_;
	bool names_time_ = false; ///< the options at first
	std::optional<LayoutDoubt> doubt_;
	bool is_whole_ = true;
	Inspection result_;
};

} // namespace

Inspection inspect(InspectedSource const &source, GivenOptions given, std::uint64_t max_records)
{
	Inspection result = Inspector(source, std::move(given), max_records).run();
	malloc_trim(0);
	return result;
}

} // namespace vero::pg
