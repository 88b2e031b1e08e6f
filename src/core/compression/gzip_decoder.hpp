// Reads gzip (RFC 1952) with zlib.
#pragma once

#include "core/compression/decoder.hpp"

#include <memory>
#include <zlib.h>

namespace vero {

/// Of one member or of several, one behind the other; their checksums are compared. Zeros may follow the last one, as they do on a tape;
/// gzip ignores them too. zlib wants 40 KB.
class GzipDecoder : public Decoder {
public:
	GzipDecoder();
	~GzipDecoder() override;

	Result<void, ArchiveFault> decode(std::string_view &in, std::span<char> &out) override;
	Result<void, ArchiveFault> finish() const override;

private:
	enum class Place : unsigned char { in_member, behind_member, in_padding };

	Result<void, ArchiveFault> find_member(std::string_view &in);
	bool has_only_begun() const;
	Result<void, ArchiveFault> inflate_some(std::string_view &in, std::span<char> &out);

	std::unique_ptr<z_stream> stream_; ///< zlib's state points back at it, so it stays where it is
	Place place_ = Place::in_member;
	bool is_first_ = true; ///< the member
};

} // namespace vero
