// Reads zstd (RFC 8878) with libzstd.
#pragma once

#include "core/compression/decoder.hpp"

#include <memory>
#include <zstd.h>

namespace vero {

/// The largest window, as a power of two: 8 MB, which is what RFC 8878 recommends to support, and what levels up to 19 want. All of it is
/// held in memory.
constexpr int kZstdWindowLog = 23;

/// Of one frame or of several, one behind the other; those that are to be skipped are skipped, checksums are compared where a frame has one.
class ZstdDecoder : public Decoder {
public:
	ZstdDecoder();

	Result<void, ArchiveFault> decode(std::string_view &in, std::span<char> &out) override;
	Result<void, ArchiveFault> finish() const override;

private:
	struct Free {
		void operator()(ZSTD_DCtx *context) const { ZSTD_freeDCtx(context); }
	};

	bool read_magic(std::string_view &in);
	Result<void, ArchiveFault> decode_some(std::string_view &in, std::span<char> &out);

	std::unique_ptr<ZSTD_DCtx, Free> context_;
	std::string magic_; ///< of the next frame, as far as it has come
	bool is_in_frame_ = false;
	std::size_t next_size_ = 0;	   ///< bytes up to where libzstd comes to the end of a block, as it says itself
	bool has_more_output_ = false; ///< perhaps, without any more input
};

} // namespace vero
