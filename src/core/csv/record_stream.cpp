// From a file's bytes to its records: UTF-16, places in the file, and the line that ends inline data.
#include "core/csv/record_stream.hpp"

namespace vero {

RecordStream::RecordStream(Dialect const &dialect, std::size_t max_record_size, StreamForm form)
	: reader_(dialect, max_record_size), form_(form)
{
	if (std::optional<ByteOrder> order = utf16_byte_order(form_.mark))
		utf16_.emplace(*order);
	reader_.skip_lines(form_.skipped_lines);
}

std::span<char> RecordStream::prepare(std::size_t size)
{
	if (!utf16_)
		return reader_.prepare(size);
	bytes_.resize(size);
	return bytes_;
}

void RecordStream::commit(std::size_t size)
{
	if (!utf16_) {
		reader_.commit(size);
		return;
	}
	text_.clear();
	utf16_->decode(std::string_view(bytes_).substr(0, size), text_);
	reader_.feed(text_);
}

void RecordStream::feed(std::string_view bytes)
{
	bytes.copy(prepare(bytes.size()).data(), bytes.size());
	commit(bytes.size());
}

void RecordStream::finish()
{
	if (utf16_) {
		text_.clear();
		utf16_->finish(text_);
		reader_.feed(text_);
	}
	reader_.finish();
}

bool RecordStream::next(Record &record)
{
	if (is_over_ || !reader_.next(record))
		return false;
	if (form_.has_end_marker && record.raw == "\\.") {
		is_over_ = true;
		return false;
	}
	if (utf16_)
		record.byte_offset = utf16_->original_offset(record.byte_offset);
	record.byte_offset += size_of(form_.mark);
	return true;
}

} // namespace vero
