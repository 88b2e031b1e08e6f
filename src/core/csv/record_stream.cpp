// From a file's bytes to its records: compression, UTF-16, places in the file, and the line that ends inline data.
#include "core/csv/record_stream.hpp"

namespace vero {
namespace {

/// Bytes of text that are decompressed at a time.
constexpr std::size_t kPieceSize = std::size_t{128} * 1024;

} // namespace

RecordStream::RecordStream(Dialect const &dialect, std::size_t max_record_size, StreamForm form)
	: reader_(dialect, max_record_size), form_(form)
{
	if (std::optional<ByteOrder> order = form_.order ? form_.order : utf16_byte_order(form_.mark))
		utf16_.emplace(*order);
	reader_.skip_lines(form_.skipped_lines);
}

std::span<char> RecordStream::prepare(std::size_t size)
{
	return decompressor_ != nullptr ? decompressor_->prepare(size) : prepare_text(size);
}

void RecordStream::commit(std::size_t size)
{
	if (decompressor_ != nullptr) {
		decompressor_->commit(size);
	} else {
		commit_text(size);
	}
}

bool RecordStream::decompress_more()
{
	if (decompressor_ == nullptr)
		return false;
	std::size_t const size = decompressor_->read(prepare_text(kPieceSize));
	commit_text(size);
	return size > 0;
}

std::span<char> RecordStream::prepare_text(std::size_t size)
{
	if (!utf16_)
		return reader_.prepare(size);
	bytes_.resize(size);
	return bytes_;
}

void RecordStream::commit_text(std::size_t size)
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
	if (decompressor_ != nullptr)
		decompressor_->finish();
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
