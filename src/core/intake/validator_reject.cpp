// Gathers what is wrong with a record, and makes its reject.
#include "core/intake/validator.hpp"

#include "core/text/text.hpp"

#include <algorithm>
#include <utility>

namespace vero {
namespace {

constexpr std::string_view kBetweenMessages = "; ";

JsonbType type_of(std::optional<std::string_view> text)
{
	return text ? JsonbType::string : JsonbType::null;
}

} // namespace

void Validator::add_error(ErrorCode code, Column const *column, std::string_view value, std::string message)
{
	error_count_++;
	if (errors_.size() == kMaxErrors)
		return;
	RecordError error{code, std::nullopt, std::nullopt, keep(std::move(message))};
	if (column != nullptr) {
		error.column = column->name;
		error.value = keep(clip_printable(value));
	}
	errors_.push_back(error);
}

void Validator::forget_errors()
{
	errors_.clear();
	texts_.clear();
	error_count_ = 0;
	unread_time_ = nullptr;
}

/// Until the next record.
std::string_view Validator::keep(std::string text)
{
	constexpr std::size_t kMaxTexts = 2 * (kMaxErrors + 1);
	texts_.reserve(kMaxTexts); // so that they stay where they are
	return texts_.emplace_back(std::move(text));
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
		errors_.push_back({ErrorCode::more_errors, std::nullopt, keep(std::to_string(more)),
						   keep("and " + count_of(more, "more error"))});
	}
	if (rules_.header.event_name && !name_.empty() && errors_.front().code != ErrorCode::repeated_header)
		counts_.rejected_names.add(name_);
	members_.clear();
	buffer_.clear();
	for (RecordError const &error : errors_) {
		buffer_ += buffer_.empty() ? "" : kBetweenMessages;
		buffer_ += error.message;
		members_.push_back({"code", name_of(error.code)});
		members_.push_back({"value", error.value.value_or(""), type_of(error.value)});
		members_.push_back({"column", error.column.value_or(""), type_of(error.column)});
		members_.push_back({"message", error.message});
	}
	constexpr std::size_t kMembersEach = 4;
	StoredBytes stored_errors = batch.allocate(jsonb_array_size(members_, kMembersEach));
	write_jsonb_array(members_, kMembersEach, stored_errors.start);
	StoredBytes reason = batch.store(buffer_);
	batch.rejects.push_back({record_number, record.line_number, record.byte_offset, batch.store(record.raw), is_text_,
							 store_errors(reason, batch), reason, stored_errors,
							 batch.error_counts.add(errors_, is_nothing_new(record))});
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
