// Reads a file as an import would, and keeps nothing but what there is to say of it.
#pragma once

#include "core/csv/record_stream.hpp"
#include "core/inspect/record_survey.hpp"
#include "core/inspect/survey_thread.hpp"
#include "core/intake/validator.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace vero {

/// As many records as were asked for, or all.
class FileSurvey {
public:
	using Convert = std::function<Record(Record const &)>;

	/// `convert` may be empty. `key` is random: hashes are counted.
	FileSurvey(RecordStream stream, ValidationRules const &rules, Convert convert, HashKey const &key,
			   std::uint64_t max_records);

	RecordStream &stream() { return stream_; }
	/// What a thread may do of it.
	RecordSurvey &record_survey() { return record_survey_; }
	/// From here on `thread`, which lives until is_over(), does that.
	void survey_on(SurveyThread &thread) { thread_ = &thread; }
	/// No more bytes will come.
	void finish();
	/// Reads on; false where more input is needed. To be called until is_over().
	bool go_on();
	bool is_over() const { return is_over_; }

	// what was found

	Header const &header() const { return header_; }
	std::span<ColumnSurvey const> columns() const { return record_survey_.columns(); }
	bool is_whole() const { return is_whole_; } ///< the file has no more records
	std::uint64_t records() const { return records_; }
	std::uint64_t blank_records() const { return blank_records_; }
	std::uint64_t rejects() const { return rejects_; }
	/// How many records have an error of that code.
	std::uint64_t count(ErrorCode code) const { return codes_[static_cast<std::size_t>(code)]; }
	/// Records that are no UTF-8, though they should be, and are text in Windows-1252.
	std::uint64_t windows_1252_records() const { return windows_1252_records_; }
	/// Records that are short of cells, but not of email, event name or time.
	std::uint64_t short_records() const { return short_records_; }
	/// Of the time: of two columns where it stands in two.
	TimeSurvey const &times() const { return record_survey_.times(); }

private:
	static constexpr std::size_t kCodes = static_cast<std::size_t>(ErrorCode::more_errors) + 1;

	void end();
	void look_at(Record const &record);
	void survey(Record const &record, std::uint64_t email_hash);
	void note_errors(Record const &record, std::span<RecordError const> errors);

	RecordStream stream_;
	Header header_;
	Dialect dialect_;
	Validator validator_;
	Convert convert_;
	bool is_utf8_file_;
	std::uint64_t max_records_;
	bool is_finished_ = false;
	bool is_over_ = false;

	std::vector<std::uint64_t> good_emails_; ///< hashes of addresses that were there lately, each at a place of its own
	RecordSurvey record_survey_;
	SurveyThread *thread_ = nullptr;
	std::size_t last_needed_ = 0; ///< index of the last column that is email, event name or time
	bool is_whole_ = false;
	std::uint64_t records_ = 0;
	std::uint64_t blank_records_ = 0;
	std::uint64_t rejects_ = 0;
	std::uint64_t short_records_ = 0;
	std::uint64_t windows_1252_records_ = 0;
	std::array<std::uint64_t, kCodes> codes_{};
	std::string buffer_;
};

} // namespace vero
