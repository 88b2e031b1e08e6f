// Reads gzip (RFC 1952) with zlib.
#include "core/compression/gzip_decoder.hpp"

#include <new>

namespace vero {
namespace {

constexpr int kGzipOnly = 16; // added to the window's size: a header and trailer of gzip's, not of zlib's
constexpr std::size_t kMagicSize = 2;
constexpr char kMagicStart = '\x1F';

tl::unexpected<ArchiveFault> behind_gzip(std::size_t taken = 0)
{
	return tl::make_unexpected(ArchiveFault{ArchiveFault::Kind::trailing, "", taken});
}

} // namespace

GzipDecoder::GzipDecoder() : stream_(std::make_unique<z_stream>())
{
	if (inflateInit2(stream_.get(), MAX_WBITS + kGzipOnly) != Z_OK)
		throw std::bad_alloc();
}

GzipDecoder::~GzipDecoder()
{
	inflateEnd(stream_.get());
}

Result<void, ArchiveFault> GzipDecoder::finish() const
{
	if (place_ != Place::in_member)
		return {};
	if (has_only_begun())
		return behind_gzip(stream_->total_in);
	return tl::make_unexpected(ArchiveFault{ArchiveFault::Kind::cut_off});
}

/// What looked like another member at first has not come to anything yet.
bool GzipDecoder::has_only_begun() const
{
	return !is_first_ && stream_->total_in <= kMagicSize;
}

Result<void, ArchiveFault> GzipDecoder::decode(std::string_view &in, std::span<char> &out)
{
	while (!out.empty()) {
		if (place_ != Place::in_member) {
			if (Result<void, ArchiveFault> found = find_member(in); !found)
				return found;
			if (place_ != Place::in_member)
				return {};
		}
		if (Result<void, ArchiveFault> inflated = inflate_some(in, out); !inflated || place_ == Place::in_member)
			return inflated;
	}
	return {};
}

/// Goes on to the next member, or to the end of `in`.
Result<void, ArchiveFault> GzipDecoder::find_member(std::string_view &in)
{
	while (!in.empty() && in.front() == '\0') {
		place_ = Place::in_padding;
		in.remove_prefix(1);
	}
	if (in.empty())
		return {};
	if (place_ == Place::in_padding || in.front() != kMagicStart)
		return behind_gzip();
	inflateReset(stream_.get());
	place_ = Place::in_member;
	is_first_ = false;
	return {};
}

/// Until the member ends, or as decode() does.
Result<void, ArchiveFault> GzipDecoder::inflate_some(std::string_view &in, std::span<char> &out)
{
	stream_->next_in = reinterpret_cast<Bytef *>(const_cast<char *>(in.data()));
	stream_->avail_in = static_cast<uInt>(in.size());
	stream_->next_out = reinterpret_cast<Bytef *>(out.data());
	stream_->avail_out = static_cast<uInt>(out.size());
	int const code = inflate(stream_.get(), Z_NO_FLUSH);
	in.remove_prefix(in.size() - stream_->avail_in);
	out = out.last(stream_->avail_out);
	switch (code) {
	case Z_STREAM_END:
		place_ = Place::behind_member;
		return {};
	case Z_OK:
	case Z_BUF_ERROR: // there was nothing to be done
		return {};
	case Z_MEM_ERROR:
		throw std::bad_alloc();
	default:
		if (has_only_begun())
			return behind_gzip(stream_->total_in);
		return tl::make_unexpected(
			ArchiveFault{ArchiveFault::Kind::damaged, stream_->msg != nullptr ? stream_->msg : "invalid data"});
	}
}

} // namespace vero
