// Reads a file as an import would, and keeps nothing but what there is to say of it.
#include "core/inspect/file_survey.hpp"

#include "core/intake/record_shape.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

/// Contacts come again and again in a file; whether an address is one takes longer than to find it here.
constexpr std::size_t kGoodEmails = std::size_t{32} * 1024;

ValidationRules without_words(ValidationRules rules)
{
	rules.needs_words = false;
	return rules;
}

} // namespace

FileSurvey::FileSurvey(RecordStream stream, ValidationRules const &rules, Convert convert, HashKey const &key,
					   std::uint64_t max_records)
	: stream_(std::move(stream)), header_(rules.header), dialect_(rules.dialect), validator_(without_words(rules), key),
	  convert_(std::move(convert)), is_utf8_file_(rules.encoding == "UTF8"), max_records_(max_records),
	  good_emails_(kGoodEmails), record_survey_(rules, key)
{
	last_needed_ = std::max({header_.email, header_.event_name.value_or(0), header_.time, header_.clock.value_or(0)});
}

void FileSurvey::finish()
{
	stream_.finish();
	is_finished_ = true;
}

bool FileSurvey::go_on()
{
	Record record;
	while (stream_.next(record)) {
		if (records_ == max_records_) {
			end();
			return true;
		}
		look_at(convert_ ? convert_(record) : record);
	}
	if (is_finished_) {
		is_whole_ = true;
		end();
	}
	return is_over_;
}

void FileSurvey::end()
{
	if (thread_ != nullptr)
		thread_->finish();
	is_over_ = true;
}

void FileSurvey::look_at(Record const &record)
{
	if (is_blank(record, dialect_)) {
		blank_records_++;
		return;
	}
	records_++;
	std::uint64_t const email = record_survey_.email_hash(record, buffer_);
	std::uint64_t &good_email = good_emails_[email % kGoodEmails];
	std::span<RecordError const> const errors = validator_.check(record, email != 0 && good_email == email);
	if (!errors.empty()) {
		rejects_++;
		note_errors(record, errors);
		bool const is_readable = record.fault == RecordFault::none && !record.has_nul && is_utf8(record.raw);
		if (!is_readable || errors.front().code == ErrorCode::repeated_header)
			return;
	}
	if (errors.empty())
		good_email = email;
	survey(record, errors.empty() ? email : 0);
}

void FileSurvey::survey(Record const &record, std::uint64_t email_hash)
{
	if (thread_ != nullptr) {
		thread_->add(record, email_hash);
	} else {
		record_survey_.add(record, email_hash);
	}
}

void FileSurvey::note_errors(Record const &record, std::span<RecordError const> errors)
{
	std::array<bool, kCodes> has_code{};
	for (RecordError const &error : errors)
		has_code[static_cast<std::size_t>(error.code)] = true;
	for (std::size_t i = 0; i < kCodes; i++)
		codes_[i] += has_code[i] ? 1 : 0;
	if (has_code[static_cast<std::size_t>(ErrorCode::too_few_fields)] && record.cells.size() > last_needed_)
		short_records_++;
	if (has_code[static_cast<std::size_t>(ErrorCode::invalid_encoding)] && is_utf8_file_ &&
		reads_as_windows_1252(record.raw))
		windows_1252_records_++;
}

} // namespace vero
