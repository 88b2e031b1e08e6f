// Reads an archive as a stream, and finds out what is wrong with it, and where.
#include "core/compression/decompressor.hpp"

#include "core/compression/gzip_decoder.hpp"
#include "core/compression/zstd_decoder.hpp"
#include "core/text/text.hpp"

namespace vero {
namespace {

std::unique_ptr<Decoder> make_decoder(Compression compression)
{
	if (compression == Compression::gzip)
		return std::make_unique<GzipDecoder>();
	return std::make_unique<ZstdDecoder>();
}

constexpr char const *kDecompressFirst = "Decompress the file first, if that is what you mean to import.";

std::string digits(std::uint64_t number)
{
	return group_digits(static_cast<std::int64_t>(number));
}

} // namespace

Decompressor::Decompressor(Compression compression, GrowthLimits const &limits)
	: compression_(compression), limits_(limits), decoder_(make_decoder(compression))
{
}

std::span<char> Decompressor::prepare(std::size_t size)
{
	if (chunk_.size() < size)
		chunk_.resize(size);
	begin_ = end_ = 0;
	return std::span(chunk_).first(size);
}

void Decompressor::commit(std::size_t size)
{
	end_ = size;
}

void Decompressor::finish()
{
	if (Result<void, ArchiveFault> const ended = decoder_->finish(); !ended)
		fail(ended.error());
	is_finished_ = true;
}

std::size_t Decompressor::read(std::span<char> room)
{
	std::string_view in(chunk_.data() + begin_, end_ - begin_);
	std::span<char> out = room;
	Result<void, ArchiveFault> const decoded = decoder_->decode(in, out);
	std::size_t const used = end_ - begin_ - in.size();
	begin_ += used;
	bytes_in_ += used;
	bytes_out_ += room.size() - out.size();
	hash_.add({room.data(), room.size() - out.size()});
	if (!decoded)
		fail(decoded.error());
	check_growth();
	return room.size() - out.size();
}

void Decompressor::check_growth() const
{
	if (bytes_out_ > limits_.bytes && bytes_out_ / limits_.times > bytes_in_) {
		fail({ArchiveFault::Kind::refused,
			  digits(bytes_in_) + " bytes of it become more than " + digits(limits_.times) + " times as many"});
	}
}

void Decompressor::fail(ArchiveFault const &fault) const
{
	std::string const archive = "the " + std::string(name_of(compression_)) + " archive";
	std::string const place = " at byte " + digits(bytes_in_ - fault.behind);
	switch (fault.kind) {
	case ArchiveFault::Kind::damaged:
		throw ArchiveError(ArchiveError::Kind::damaged, archive + " is damaged" + place + ": " + fault.words,
						   "Get the file again, or make it again.");
	case ArchiveFault::Kind::cut_off:
		throw ArchiveError(ArchiveError::Kind::damaged, archive + " is cut off" + place,
						   "Get the file again when it is complete.");
	case ArchiveFault::Kind::trailing:
		throw ArchiveError(ArchiveError::Kind::damaged, archive + " ends" + place + ", and something else follows",
						   "Get the file again, or take away what does not belong to it.");
	case ArchiveFault::Kind::refused:
		break;
	}
	throw ArchiveError(ArchiveError::Kind::refused, archive + " is refused: " + fault.words, kDecompressFirst);
}

} // namespace vero
