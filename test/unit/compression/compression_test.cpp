// Checks by which names and first bytes compressions are known.
#include "core/compression/compression.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace std::string_view_literals;

namespace vero {

TEST(Compression, IsKnownByItsName)
{
	EXPECT_EQ(find_compression("gzip"), Compression::gzip);
	EXPECT_EQ(find_compression("ZStd"), Compression::zstd);
	EXPECT_EQ(find_compression("none"), Compression::none);
	for (auto name : {""sv, "gz"sv, "gzip "sv, "zst"sv, "bzip2"sv, "none\0"sv})
		EXPECT_EQ(find_compression(name), std::nullopt) << name;
	for (auto compression : {Compression::none, Compression::gzip, Compression::zstd})
		EXPECT_EQ(find_compression(name_of(compression)), compression);
}

TEST(Compression, IsKnownByFirstBytes)
{
	EXPECT_EQ(compression_of("\x1F\x8B\x08\x00"sv), Compression::gzip);
	EXPECT_EQ(compression_of("\x1F\x8B"sv), Compression::gzip);
	EXPECT_EQ(compression_of("\x28\xB5\x2F\xFD"sv), Compression::zstd);
	EXPECT_EQ(compression_of("\x28\xB5\x2F\xFD and more"sv), Compression::zstd);
	EXPECT_EQ(compression_of("\x50\x2A\x4D\x18\x04"sv), Compression::zstd);
	EXPECT_EQ(compression_of("\x5F\x2A\x4D\x18"sv), Compression::zstd);
	for (auto bytes : {""sv, "\x1F"sv, "\x1F\x8A\x08\x00"sv, "\x28\xB5\x2F"sv, "\x27\xB5\x2F\xFD"sv,
					   "\x60\x2A\x4D\x18"sv, "\x4F\x2A\x4D\x18"sv, "email,name"sv})
		EXPECT_EQ(compression_of(bytes), Compression::none) << bytes;
}

} // namespace vero
