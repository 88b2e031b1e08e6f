// The scanner finds structural bytes, and every implementation finds the same.
#include "core/csv/csv_scanner.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

using vero::CsvScanner;
using vero::Dialect;

namespace {

using Positions = std::vector<std::uint32_t>;

constexpr CsvScanner::Level levels[] = {CsvScanner::Level::plain, CsvScanner::Level::sse2, CsvScanner::Level::avx2,
										CsvScanner::Level::avx512};

Positions scan(CsvScanner const &scanner, std::string_view bytes, std::uint32_t base = 0)
{
	// Exactly as large as promised, so that a sanitizer sees what is read or written beyond.
	std::vector<char> const copy(bytes.begin(), bytes.end());
	Positions found(copy.size() + 64);
	found.resize(scanner.scan(copy.data(), copy.size(), base, found.data()));
	return found;
}

Positions scan_plain(CsvScanner const &scanner, std::string_view bytes, std::uint32_t base = 0)
{
	Positions found(bytes.size() + 64);
	found.resize(scanner.scan_plain(bytes.data(), bytes.size(), base, found.data()));
	return found;
}

} // namespace

TEST(CsvScanner, finds_delimiter_quote_line_ends_and_nul)
{
	using namespace std::string_view_literals;
	CsvScanner const scanner{Dialect{}};
	EXPECT_EQ(scan(scanner, "a,b\"c\rd\ne\0f;g\\h"sv), (Positions{1, 3, 5, 7, 9}));
}

TEST(CsvScanner, finds_the_characters_of_its_dialect)
{
	CsvScanner const scanner({';', '\'', '\\', ""});
	EXPECT_EQ(scan(scanner, "a,b\"c;d'e\\f"), (Positions{5, 7, 9}));
	EXPECT_EQ(scanner.delimiter(), ';');
	EXPECT_EQ(scanner.quote(), '\'');
	EXPECT_EQ(scanner.escape(), '\\');
}

TEST(CsvScanner, adds_the_base)
{
	CsvScanner const scanner{Dialect{}};
	EXPECT_EQ(scan(scanner, "a,b,", 1000), (Positions{1001, 1003}));
}

TEST(CsvScanner, finds_nothing_in_nothing)
{
	for (auto const level : levels)
		EXPECT_TRUE(scan(CsvScanner(Dialect{}, level), "").empty());
}

TEST(CsvScanner, finds_every_byte_of_a_dense_block)
{
	for (auto const level : levels) {
		for (std::size_t size = 0; size <= 200; ++size) {
			CsvScanner const scanner(Dialect{}, level);
			auto const found = scan(scanner, std::string(size, ','), 7);
			ASSERT_EQ(found.size(), size);
			for (std::size_t i = 0; i < size; ++i)
				ASSERT_EQ(found[i], i + 7);
		}
	}
}

TEST(CsvScanner, finds_one_byte_at_each_place)
{
	for (auto const level : levels) {
		CsvScanner const scanner(Dialect{}, level);
		for (std::uint32_t i = 0; i < 150; ++i) {
			std::string bytes(150, 'x');
			bytes[i] = '\n';
			ASSERT_EQ(scan(scanner, bytes), Positions{i});
		}
	}
}

TEST(CsvScanner, tells_all_byte_values_apart)
{
	std::string bytes;
	for (int i = 0; i < 256; ++i)
		bytes += static_cast<char>(i);
	for (auto const level : levels)
		EXPECT_EQ(scan(CsvScanner({'|', '"', '\\', ""}, level), bytes), (Positions{0, 10, 13, '"', '\\', '|'}));
}

TEST(CsvScanner, implementations_agree_on_random_blocks)
{
	std::mt19937 random(1);
	for (int round = 0; round < 20'000; ++round) {
		std::string bytes(random() % 300, '\0');
		auto const density = 1 + random() % 40;
		for (auto &c : bytes)
			c = random() % density == 0 ? ",\";\t\n\r\\"[random() % 8] : static_cast<char>(random());
		Dialect const dialect{",;\t"[random() % 3], '"', "\"\\"[random() % 2], ""};
		for (auto const level : levels) {
			CsvScanner const scanner(dialect, level);
			ASSERT_EQ(scan(scanner, bytes, round), scan_plain(scanner, bytes, round));
		}
	}
}
