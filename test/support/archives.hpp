// Writes archives for tests.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <zlib.h>
#include <zstd.h>

namespace vero::test {

/// One member of gzip.
inline std::string to_gzip(std::string_view text, int level = 6)
{
	constexpr int kWithGzipHeader = 16;
	z_stream stream{};
	if (deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + kWithGzipHeader, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		throw std::runtime_error("deflateInit2");
	std::string archive(deflateBound(&stream, text.size()) + 64, '\0');
	stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(text.data()));
	stream.avail_in = static_cast<uInt>(text.size());
	stream.next_out = reinterpret_cast<Bytef *>(archive.data());
	stream.avail_out = static_cast<uInt>(archive.size());
	int const code = deflate(&stream, Z_FINISH);
	archive.resize(stream.total_out);
	deflateEnd(&stream);
	if (code != Z_STREAM_END)
		throw std::runtime_error("deflate");
	return archive;
}

/// One frame of zstd, with a checksum. Its window is as large as it is told, as it is where the text's size is not known.
inline std::string to_zstd(std::string_view text, int level = 3, int window_log = 0)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
	std::string archive(ZSTD_compressBound(text.size()) + 64, '\0');
	ZSTD_inBuffer in{text.data(), text.size(), 0};
	ZSTD_outBuffer out{archive.data(), archive.size(), 0};
	if (window_log != 0)
		ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
	std::size_t const left = ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
	ZSTD_freeCCtx(context);
	if (left != 0)
		throw std::runtime_error("ZSTD_compressStream2");
	archive.resize(out.pos);
	return archive;
}

/// A frame that is to be skipped.
inline std::string skippable(std::string_view content)
{
	std::string frame("\x50\x2A\x4D\x18", 4);
	for (unsigned shift = 0; shift < 32; shift += 8)
		frame += static_cast<char>(content.size() >> shift & 0xFFU);
	return frame.append(content);
}

} // namespace vero::test
