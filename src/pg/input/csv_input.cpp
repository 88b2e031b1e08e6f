// From a source's bytes to the records of a CSV: the bytes, decompressed, hashed and counted.
#include "pg/input/csv_input.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/settings.hpp"
#include "pg/input/progress.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kSmallestChunk = 64;

} // namespace

CsvInput::CsvInput(Source &source, FileOptions options, std::size_t max_record_size, Hashing hashing)
	: source_(source), options_(std::move(options)), max_record_size_(max_record_size)
{
	if (hashing == Hashing::on)
		hash_.emplace();
}

std::size_t CsvInput::read(std::span<char> room, Hashing hashing)
{
	check_for_interrupts();
	std::size_t size = source_.read(room);
	if (hash_ && hashing == Hashing::on)
		hash_->add(room.first(size));
	bytes_read_ += size;
	Progress::note_bytes(bytes_read_);
	is_at_end_ = size == 0;
	return size;
}

/// The next bytes of the text; 0 at the end.
std::size_t CsvInput::read_text(std::span<char> room)
{
	if (!decompressor_)
		return read(room);
	while (true) {
		std::size_t size = decompressor_->read(room);
		if (size > 0)
			return size;
		if (is_at_end_) {
			decompressor_->finish();
			return 0;
		}
		decompressor_->commit(read(decompressor_->prepare(kChunkSize)));
	}
}

/// So much of the source is read at a time: no more than is left, where that is known.
std::size_t CsvInput::chunk_size() const
{
	if (source_.size() == 0)
		return kChunkSize;
	std::uint64_t left = source_.size() - std::min(source_.size(), bytes_read_);
	return std::clamp<std::uint64_t>(left, kSmallestChunk, kChunkSize);
}

/// Appends to the beginning; false at the end.
bool CsvInput::read_more()
{
	std::size_t before = beginning_.size();
	beginning_.resize(before + (decompressor_ ? kChunkSize : chunk_size()));
	beginning_.resize(before + read_text(std::span(beginning_).subspan(before)));
	is_whole_ = beginning_.size() == before;
	return !is_whole_;
}

/// As far as the format can be told from it.
void CsvInput::fill_beginning()
{
	while (beginning_.size() < kFormatPrefixSize && read_more())
		;
}

/// What was read so far is compressed: reads the beginning of what it becomes.
Result<void, FileFailure> CsvInput::begin_decompression()
{
	if (options_.compression && *options_.compression != compression_) {
		return tl::make_unexpected(
			FileFailure{"the file is a " + std::string(name_of(compression_)) +
							" archive, and option \"compression\" says " + std::string(name_of(*options_.compression)),
						"Leave the option out: a file's first bytes tell how it is compressed."});
	}
	decompressor_.emplace(compression_);
	beginning_.copy(decompressor_->prepare(beginning_.size()).data(), beginning_.size());
	decompressor_->commit(beginning_.size());
	beginning_.clear();
	fill_beginning();
	return {};
}

RecordStream CsvInput::take_stream()
{
	beginning_ = {};
	if (decompressor_)
		stream_->decompress_with(*decompressor_);
	return std::move(*stream_);
}

std::function<Record(Record const &)> CsvInput::converter()
{
	if (!transcoder_)
		return {};
	return [this](Record const &record) { return transcoder_->convert(record, dialect_); };
}

bool CsvInput::feed(RecordStream &stream)
{
	check_for_interrupts();
	if (stream.decompress_more())
		return true;
	std::size_t size = read(stream.prepare(chunk_size()));
	stream.commit(size);
	return size > 0;
}

void CsvInput::drain()
{
	std::vector<char> room;
	while (!is_at_end_) {
		room.resize(chunk_size());
		read(room);
	}
}

Sha256Digest CsvInput::hash()
{
	return hash_->digest();
}

std::optional<Sha256Digest> CsvInput::content_hash()
{
	if (!decompressor_)
		return hash();
	return decompressor_->is_finished() ? std::optional(decompressor_->digest()) : std::nullopt;
}

std::optional<std::uint64_t> CsvInput::uncompressed_bytes() const
{
	if (!decompressor_ || !decompressor_->is_finished())
		return std::nullopt;
	return decompressor_->bytes_out();
}

FileFailure to_failure(ArchiveError const &error, Source const &source)
{
	std::string hint = error.hint();
	if (error.kind() == ArchiveError::Kind::damaged && source.has_end_marker())
		hint += " psql sends an archive as it is only where COPY has the option \"compression\".";
	return {error.what(), std::move(hint)};
}

} // namespace vero::pg
