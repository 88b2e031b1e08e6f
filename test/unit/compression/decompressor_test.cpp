// Checks that archives are read whatever their parts and however they are cut into chunks, and that what is wrong with them is told.
#include "core/compression/zstd_decoder.hpp"
#include "support/archive_reading.hpp"
#include "support/archives.hpp"

#include <gtest/gtest.h>
#include <random>

using namespace std::string_literals;

namespace vero {
namespace {

using test::read_archive;
using test::to_gzip;
using test::to_zstd;

std::string to_archive(Compression compression, std::string_view text)
{
	return compression == Compression::gzip ? to_gzip(text) : to_zstd(text);
}

/// Some of it is like what was before, some is not.
std::string text_of(std::size_t size)
{
	std::mt19937 random(size);
	std::string text;
	while (text.size() < size)
		text += std::to_string(random() % 100'000) + "@example.com,Signs up,2022-01-01\n";
	text.resize(size);
	return text;
}

class Archive : public testing::TestWithParam<Compression> {};

} // namespace

TEST_P(Archive, IsReadInChunksAndPiecesOfAnySize)
{
	for (std::size_t size : {0U, 1U, 1000U, 200'000U}) {
		std::string const text = text_of(size);
		std::string const archive = to_archive(GetParam(), text);
		for (std::size_t chunk : {7U, 4096U, 1'000'000U}) {
			for (std::size_t piece : {100U, 131'072U, 1'000'000U}) {
				auto const read = read_archive(GetParam(), archive, chunk, piece);
				EXPECT_EQ(read.error, "");
				EXPECT_TRUE(read.text == text) << size << ' ' << chunk << ' ' << piece;
			}
		}
	}
}

TEST_P(Archive, MayHaveSeveralParts)
{
	std::string const first = text_of(10'000), second = text_of(5'000);
	std::string const archive =
		to_archive(GetParam(), first) + to_archive(GetParam(), "") + to_archive(GetParam(), second);
	for (std::size_t chunk : {1U, 1000U, 1'000'000U}) {
		auto const read = read_archive(GetParam(), archive, chunk);
		EXPECT_EQ(read.error, "");
		EXPECT_TRUE(read.text == first + second);
	}
}

TEST_P(Archive, IsCutOffWhereverItIsCut)
{
	std::string const text = text_of(500);
	std::string const archive = to_archive(GetParam(), text);
	for (std::size_t size = 0; size < archive.size(); ++size) {
		if (GetParam() == Compression::zstd && size < kZstdMagicSize)
			continue; // it does not look like one yet
		auto const read = read_archive(GetParam(), archive.substr(0, size), 1000, 100);
		EXPECT_EQ(read.error,
				  "the "s + std::string(name_of(GetParam())) + " archive is cut off at byte " + std::to_string(size));
		EXPECT_TRUE(text.starts_with(read.text));
	}
}

TEST_P(Archive, TellsWhatFollowsIt)
{
	std::string const archive = to_archive(GetParam(), "text");
	std::string const ends = "the " + std::string(name_of(GetParam())) + " archive ends at byte " +
							 std::to_string(archive.size()) + ", and something else follows";
	for (std::string const &rest :
		 {"x"s, "\n"s, "\x1F"s, "\x1F\x8A\x08"s, "\x28\xB5"s, "\x27\xB5\x2F\xFD"s, "text,text"s}) {
		for (std::size_t chunk : {1U, 1000U})
			EXPECT_EQ(read_archive(GetParam(), archive + rest, chunk).error, ends) << rest;
	}
}

TEST_P(Archive, IsNeverReadWrongWhereABitIsTurned)
{
	std::string const text = text_of(100);
	std::string const archive = to_archive(GetParam(), text);
	for (std::size_t place = 0; place < 8 * archive.size(); ++place) {
		std::string damaged = archive;
		damaged[place / 8] = static_cast<char>(damaged[place / 8] ^ (1 << place % 8));
		auto const read = read_archive(GetParam(), damaged, 1000, 1000);
		EXPECT_TRUE(read.error != "" || read.text == text) << place;
	}
}

TEST_P(Archive, MayGrowAsFarAsItMay)
{
	std::string const text(1'000'000, 'x');
	std::string const archive = to_archive(GetParam(), text);
	std::uint64_t const times = text.size() / archive.size();
	EXPECT_EQ(read_archive(GetParam(), archive, 65'536, 1000, {.bytes = 10'000, .times = 2 * times}).error, "");
	EXPECT_EQ(read_archive(GetParam(), archive, 65'536, 1000, {.bytes = text.size(), .times = 1}).error, "");
	auto const read = read_archive(GetParam(), archive, 65'536, 1000, {.bytes = 10'000, .times = 10});
	EXPECT_TRUE(read.is_refused);
	EXPECT_LT(read.text.size(), 100'000U);
	EXPECT_TRUE(read.error.ends_with(" bytes of it become more than 10 times as many")) << read.error;
}

INSTANTIATE_TEST_SUITE_P(Decompressor, Archive, testing::Values(Compression::gzip, Compression::zstd),
						 [](auto const &about) { return std::string(name_of(about.param)); });

TEST(Decompressor, IgnoresZerosBehindGzip)
{
	std::string const archive = to_gzip("text");
	for (std::size_t zeros : {1U, 511U, 100'000U}) {
		auto const read = read_archive(Compression::gzip, archive + std::string(zeros, '\0'), 1000);
		EXPECT_EQ(read.error, "");
		EXPECT_EQ(read.text, "text");
	}
	EXPECT_EQ(read_archive(Compression::gzip, archive + "\0\0x"s).error,
			  "the gzip archive ends at byte " + std::to_string(archive.size() + 2) + ", and something else follows");
}

TEST(Decompressor, SkipsFramesThatAreToBeSkipped)
{
	std::string const archive = test::skippable("anything") + to_zstd("one") + test::skippable("") +
								test::skippable(text_of(1000)) + to_zstd("two") + test::skippable("at the end");
	for (std::size_t chunk : {1U, 5U, 100'000U}) {
		auto const read = read_archive(Compression::zstd, archive, chunk);
		EXPECT_EQ(read.error, "");
		EXPECT_EQ(read.text, "onetwo");
	}
}

TEST(Decompressor, ReadsWindowsOfEightMegabytes)
{
	std::string const text = text_of(100'000);
	EXPECT_TRUE(read_archive(Compression::zstd, to_zstd(text, 3, kZstdWindowLog)).text == text);
	auto const read = read_archive(Compression::zstd, to_zstd(text, 3, kZstdWindowLog + 1));
	EXPECT_TRUE(read.is_refused);
	EXPECT_EQ(
		read.error,
		"the zstd archive is refused: it needs a window of more than 8 MB, as --long and levels above 19 make it");
}

TEST(Decompressor, SaysWhereZstdIsDamaged)
{
	std::string archive = to_zstd(text_of(1'000'000));
	std::size_t const middle = archive.size() / 2;
	for (std::size_t i = 0; i < 100; ++i)
		archive[middle + i] = static_cast<char>(~archive[middle + i]);
	auto const read = read_archive(Compression::zstd, archive);
	std::size_t const at = read.error.find("at byte ");
	ASSERT_NE(at, std::string::npos) << read.error;
	std::string number;
	for (char c : read.error.substr(at + 8)) {
		if (c == ':')
			break;
		if (c != ',')
			number += c;
	}
	// within a block, or at the frame's end, where the checksum is
	EXPECT_GT(std::stoul(number) + 131'072, middle) << read.error;
}

} // namespace vero
