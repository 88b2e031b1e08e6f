// Reads zstd (RFC 8878) with libzstd.
#include "core/compression/zstd_decoder.hpp"

#include "core/compression/compression.hpp"

#include <algorithm>
#include <new>
#include <zstd_errors.h>

namespace vero {
namespace {

ArchiveFault fault_of(std::size_t code)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		throw std::bad_alloc();
	case ZSTD_error_frameParameter_windowTooLarge:
		return {ArchiveFault::Kind::refused, "it needs a window of more than " +
												 std::to_string((1U << kZstdWindowLog) / 1024 / 1024) +
												 " MB, as --long and levels above 19 make it"};
	case ZSTD_error_dictionary_wrong:
		return {ArchiveFault::Kind::refused, "it needs a dictionary, which is not in it"};
	default:
		return {ArchiveFault::Kind::damaged, ZSTD_getErrorName(code)};
	}
}

tl::unexpected<ArchiveFault> behind_zstd(std::size_t taken)
{
	return tl::make_unexpected(ArchiveFault{ArchiveFault::Kind::trailing, "", taken});
}

} // namespace

ZstdDecoder::ZstdDecoder() : context_(ZSTD_createDCtx())
{
	if (!context_)
		throw std::bad_alloc();
	ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
}

Result<void, ArchiveFault> ZstdDecoder::finish() const
{
	if (is_in_frame_)
		return tl::make_unexpected(ArchiveFault{ArchiveFault::Kind::cut_off});
	if (!magic_.empty())
		return behind_zstd(magic_.size());
	return {};
}

Result<void, ArchiveFault> ZstdDecoder::decode(std::string_view &in, std::span<char> &out)
{
	while (!out.empty() && (!in.empty() || has_more_output_)) {
		if (!is_in_frame_) {
			if (!read_magic(in))
				return {};
			// Checked here: libzstd may know older formats too, which it would take for the next frame.
			if (!is_zstd_magic(magic_))
				return behind_zstd(magic_.size());
			std::string_view magic = magic_;
			next_size_ = kZstdMagicSize;
			Result<void, ArchiveFault> begun = decode_some(magic, out);
			magic_.clear();
			if (!begun)
				return begun;
		} else if (Result<void, ArchiveFault> decoded = decode_some(in, out); !decoded) {
			return decoded;
		}
	}
	return {};
}

/// False where all of `in` is used, and more is needed.
bool ZstdDecoder::read_magic(std::string_view &in)
{
	std::size_t const size = std::min(in.size(), kZstdMagicSize - magic_.size());
	magic_ += in.substr(0, size);
	in.remove_prefix(size);
	return magic_.size() == kZstdMagicSize;
}

/// A block at most: of what libzstd finds an error in, it does not say how far it came.
Result<void, ArchiveFault> ZstdDecoder::decode_some(std::string_view &in, std::span<char> &out)
{
	ZSTD_inBuffer input{in.data(), std::min(in.size(), next_size_), 0};
	ZSTD_outBuffer output{out.data(), out.size(), 0};
	std::size_t const code = ZSTD_decompressStream(context_.get(), &output, &input);
	in.remove_prefix(input.pos);
	out = out.subspan(output.pos);
	if (ZSTD_isError(code) != 0)
		return tl::make_unexpected(fault_of(code));
	is_in_frame_ = code != 0;
	next_size_ = code;
	has_more_output_ = is_in_frame_ && output.pos == output.size;
	return {};
}

} // namespace vero
