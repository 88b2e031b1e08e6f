// Gathers what is wrong with a record, and makes its reject.
#include "core/intake/validator.hpp"

#include "core/intake/late_reject.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

constexpr std::string_view kBetweenMessages = "; ";

} // namespace

void Validator::add_error(ErrorCode code, Column const *column, std::string_view value,
						  std::initializer_list<std::string_view> message)
{
	error_count_++;
	if (errors_.size() == kMaxErrors)
		return;
	RecordError error{code, std::nullopt, std::nullopt, keep(message)};
	if (column != nullptr) {
		error.column = column->name;
		std::string &shown = next_text();
		append_clip_printable(shown, value);
		error.value = shown;
	}
	errors_.push_back(error);
}

void Validator::forget_errors()
{
	errors_.clear();
	text_count_ = 0;
	error_count_ = 0;
	unread_time_ = nullptr;
}

/// An empty one that stays until the next record, and whose memory stays for that.
std::string &Validator::next_text()
{
	constexpr std::size_t kMaxTexts = 2 * (kMaxErrors + 1);
	texts_.resize(kMaxTexts);
	std::string &text = texts_[text_count_++];
	text.clear();
	return text;
}

/// Until the next record.
std::string_view Validator::keep(std::initializer_list<std::string_view> parts)
{
	std::string &text = next_text();
	for (std::string_view part : parts)
		text += part;
	return text;
}

/// Their messages stand in the reason, one after the other.
std::span<RecordError const> Validator::store_errors(StoredBytes reason, Batch &batch) const
{
	std::span<RecordError> stored = batch.store(errors_);
	std::size_t at = 0;
	for (RecordError &error : stored) {
		if (error.column)
			error.column = batch.store(*error.column).view();
		if (error.value)
			error.value = batch.store(*error.value).view();
		error.message = reason.view().substr(at, error.message.size());
		at += error.message.size() + kBetweenMessages.size();
	}
	return stored;
}

void Validator::add_reject(Record const &record, std::uint64_t record_number, Batch &batch)
{
	if (std::size_t more = error_count_ - errors_.size(); more > 0) {
		errors_.push_back({ErrorCode::more_errors, std::nullopt, keep({std::to_string(more)}),
						   keep({"and ", count_of(more, "more error")})});
	}
	if (rules_.header.event_name && !name_.empty() && errors_.front().code != ErrorCode::repeated_header)
		counts_.rejected_names.add(name_);
	members_.clear();
	buffer_.clear();
	for (RecordError const &error : errors_) {
		buffer_ += buffer_.empty() ? "" : kBetweenMessages;
		buffer_ += error.message;
		std::array const members = stored_members(error);
		members_.insert(members_.end(), members.begin(), members.end());
	}
	StoredBytes stored_errors = batch.allocate(jsonb_array_size(members_, kMembersOfError));
	write_jsonb_array(members_, kMembersOfError, stored_errors.start);
	StoredBytes reason = batch.store(buffer_);
	bool const is_counted = batch.error_counts.add(errors_, is_nothing_new(record));
	std::span<RecordError const> errors;
	if (!is_counted)
		errors = store_errors(reason, batch);
	batch.rejects.push_back({record_number, record.line_number, record.byte_offset, batch.store(record.raw), is_text_,
							 errors, reason, stored_errors, is_counted});
}

/// What is looked for in all rejects of a file, the layouts that all times fit and an encoding that all bytes fit, was not changed by this one.
bool Validator::is_nothing_new(Record const &record)
{
	auto const has_error = [this](ErrorCode code) {
		return std::any_of(errors_.begin(), errors_.end(),
						   [code](RecordError const &error) { return error.code == code; });
	};
	bool is_new = false;
	if (unread_time_ != nullptr && has_error(ErrorCode::invalid_time))
		is_new = !std::exchange(unread_time_->is_told, true);
	if (are_all_windows_1252_ && has_error(ErrorCode::invalid_encoding)) {
		are_all_windows_1252_ = reads_as_windows_1252(record.raw);
		is_new = is_new || !are_all_windows_1252_;
	}
	return !is_new;
}

} // namespace vero
