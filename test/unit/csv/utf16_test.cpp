// Checks the way from UTF-16 to UTF-8 and back: however it is cut, whatever the bytes are.
#include "core/csv/utf16.hpp"
#include "core/text/text.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace vero {
namespace {

constexpr ByteOrder orders[] = {ByteOrder::little, ByteOrder::big};

std::string utf16(std::u16string_view text, ByteOrder order)
{
	std::string bytes;
	for (char16_t const unit : text) {
		auto const high = static_cast<char>(unit >> 8);
		auto const low = static_cast<char>(unit & 0xFF);
		bytes += order == ByteOrder::big ? high : low;
		bytes += order == ByteOrder::big ? low : high;
	}
	return bytes;
}

std::string decode(std::vector<std::string_view> const &chunks, ByteOrder order)
{
	Utf16Decoder decoder(order);
	std::string out;
	for (auto const chunk : chunks)
		decoder.decode(chunk, out);
	decoder.finish(out);
	return out;
}

/// With every cut in two, and byte by byte, which must make no difference.
std::string decode(std::string_view bytes, ByteOrder order)
{
	auto const whole = decode(std::vector{bytes}, order);
	std::vector<std::string_view> single;
	for (std::size_t at = 0; at < bytes.size(); ++at) {
		EXPECT_EQ(decode({bytes.substr(0, at), bytes.substr(at)}, order), whole) << "cut at " << at;
		EXPECT_EQ(decode({bytes.substr(0, at), ""sv, bytes.substr(at)}, order), whole) << "cut at " << at;
		single.push_back(bytes.substr(at, 1));
	}
	EXPECT_EQ(decode(single, order), whole);
	EXPECT_EQ(encode_utf16(whole, order), bytes);
	return whole;
}

std::string decode(std::u16string_view text, ByteOrder order)
{
	return decode(utf16(text, order), order);
}

} // namespace

TEST(Utf16, ReadsEveryWidth)
{
	for (auto const order : orders) {
		EXPECT_EQ(decode(u""sv, order), "");
		EXPECT_EQ(decode(u"email,time\r\n\0x"sv, order), "email,time\r\n\0x"s);
		EXPECT_EQ(decode(u"\x7F\x80\x7FF\x800"sv, order), "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80");
		EXPECT_EQ(decode(u"grün,€,日本"sv, order), "grün,€,日本");
		EXPECT_EQ(decode(u"\xD7FF\xE000\xFEFF\xFFFE\xFFFF"sv, order),
				  "\xED\x9F\xBF\xEE\x80\x80\xEF\xBB\xBF\xEF\xBF\xBE\xEF\xBF\xBF");
		EXPECT_EQ(decode(u"\U00010000\U0001F600\U000FFFFF\U0010FFFF"sv, order),
				  "\xF0\x90\x80\x80\xF0\x9F\x98\x80\xF3\xBF\xBF\xBF\xF4\x8F\xBF\xBF");
	}
	EXPECT_EQ(decode("\x41\x00\xAC\x20"sv, ByteOrder::little), "A€");
	EXPECT_EQ(decode("\x00\x41\x20\xAC"sv, ByteOrder::big), "A€");
}

TEST(Utf16, ReadsEveryCodePoint)
{
	for (auto const order : orders)
		for (char32_t point = 0; point <= 0x10FFFF; ++point) {
			if (point >= 0xD800 && point < 0xE000)
				continue;
			auto const units = point < 0x10000 ? std::u16string{static_cast<char16_t>(point)}
											   : std::u16string{static_cast<char16_t>(0xD7C0 + (point >> 10)),
																static_cast<char16_t>(0xDC00 + (point & 0x3FF))};
			auto const bytes = utf16(units, order);
			auto const text = decode(std::vector<std::string_view>{bytes}, order);
			ASSERT_EQ(utf8_length(text), 1U) << static_cast<std::uint32_t>(point);
			ASSERT_TRUE(test::is_utf8_plain(text)) << static_cast<std::uint32_t>(point);
			ASSERT_EQ(encode_utf16(text, order), bytes) << static_cast<std::uint32_t>(point);
		}
}

TEST(Utf16, SurrogatesWithoutTheirOtherHalfAreNoText)
{
	constexpr char16_t high = 0xD83D;
	constexpr char16_t low = 0xDE00;
	std::vector<std::pair<std::u16string, std::string>> const cases{
		{{high}, "\xED\xA0\xBD"},
		{{low}, "\xED\xB8\x80"},
		{{low, high}, "\xED\xB8\x80\xED\xA0\xBD"},
		{{high, high}, "\xED\xA0\xBD\xED\xA0\xBD"},
		{{low, low}, "\xED\xB8\x80\xED\xB8\x80"},
		{{high, u'a'},
		 "\xED\xA0\xBD"
		 "a"},
		{{high, u'\n', low}, "\xED\xA0\xBD\n\xED\xB8\x80"},
		{{high, high, low}, "\xED\xA0\xBD\xF0\x9F\x98\x80"},
		{{high, low, low}, "\xF0\x9F\x98\x80\xED\xB8\x80"},
		{{u'a', low, u'b'},
		 "a\xED\xB8\x80"
		 "b"},
		{{0xDC00, 0xDC00}, "\xED\xB0\x80\xED\xB0\x80"},
		{{0xD800, 0xE000}, "\xED\xA0\x80\xEE\x80\x80"},
		{{0xDBFF, 0xD7FF}, "\xED\xAF\xBF\xED\x9F\xBF"},
	};
	for (auto const order : orders)
		for (auto const &[units, text] : cases) {
			EXPECT_EQ(decode(units, order), text);
			EXPECT_FALSE(is_utf8(text));
		}
}

TEST(Utf16, AnOddLastByteIsNoTextButKept)
{
	for (auto const order : orders)
		for (int byte = 0; byte < 256; ++byte) {
			auto const odd = std::string(1, static_cast<char>(byte));
			for (auto const &before : {u""s, u"a"s, u"\U0001F600"s, u"\xD83D"s}) {
				auto const text = decode(utf16(before, order) + odd, order);
				ASSERT_FALSE(is_utf8(text));
				auto const behind = text.substr(text.size() - 3);
				ASSERT_EQ(behind.find_first_of(",;\t|\"'\r\n \0"sv), behind.npos) << byte;
			}
		}
}

TEST(Utf16, AnyBytesComeBack)
{
	// bytes of which surrogates, line ends and odd halves are made
	constexpr auto alphabet = "\x00\x0A\x22\x2C\x41\x80\xA0\xBF\xD7\xD8\xDB\xDC\xDF\xE0\xFE\xFF"sv;
	std::mt19937 random(16);
	for (int round = 0; round < 2'000; ++round) {
		std::string bytes;
		for (auto size = random() % 24; size > 0; --size)
			bytes += alphabet[random() % alphabet.size()];
		for (auto const order : orders)
			decode(bytes, order);
	}
}

TEST(Utf16, EncodesEachLineOnItsOwn)
{
	for (auto const order : orders) {
		auto const bytes = utf16(u"a\n\xD800\n\xDC00\xDC00,€\n\U0001F600\n"sv, order) + "\x0A";
		auto const text = decode(bytes, order);
		std::string encoded;
		for (std::size_t begin = 0; begin < text.size();) {
			auto const end = std::min(text.find('\n', begin), text.size() - 1) + 1;
			encoded += encode_utf16(std::string_view(text).substr(begin, end - begin), order);
			begin = end;
		}
		EXPECT_EQ(encoded, bytes);
	}
}

TEST(Utf16, AfterTheEndItBeginsAfresh)
{
	for (auto const order : orders) {
		Utf16Decoder decoder(order);
		std::string out;
		decoder.finish(out);
		EXPECT_EQ(out, "");
		decoder.decode(utf16(u"a\xD83D", order) + "\x42", out);
		decoder.finish(out);
		auto const size = out.size();
		decoder.finish(out);
		EXPECT_EQ(out.size(), size) << "nothing is put out twice";
	}
}

TEST(Utf16, FindsTheWayBackToTheOriginal)
{
	for (auto const order : orders) {
		Utf16Decoder decoder(order);
		std::string out;
		EXPECT_EQ(decoder.original_offset(0), 0U);
		decoder.decode(utf16(u"ab€€\U0001F600\U0001F600ü\xDC00z", order) + "\x0A", out);
		decoder.finish(out);
		std::vector<std::pair<std::uint64_t, std::uint64_t>> const places{
			{0, 0}, {1, 2}, {2, 4}, {5, 6}, {8, 8}, {12, 12}, {16, 16}, {18, 18}, {21, 20}, {22, 22}, {25, 23}};
		ASSERT_EQ(out.size(), 25U);
		for (auto const &[in_utf8, in_original] : places) {
			EXPECT_EQ(decoder.original_offset(in_utf8), in_original) << in_utf8;
			EXPECT_EQ(decoder.original_offset(in_utf8), in_original) << in_utf8 << " again";
		}
	}
}

TEST(Utf16, FindsTheWayBackBehindAnOddByte)
{
	Utf16Decoder decoder(ByteOrder::little);
	std::string out;
	decoder.decode(utf16(u"€", ByteOrder::little) + "\x0A", out);
	decoder.finish(out);
	ASSERT_EQ(out.size(), 6U);
	EXPECT_EQ(decoder.original_offset(3), 2U);
	EXPECT_EQ(decoder.original_offset(6), 3U);
}

TEST(Utf16, FindsTheWayBackWhileReading)
{
	// as an import does: lines are asked for as they come, behind the decoder by any distance
	std::mt19937 random(4);
	std::u16string const letters = u"aü€\xD83D\xDE00\xD800\n";
	for (int round = 0; round < 200; ++round) {
		auto const order = orders[round % 2];
		std::u16string units;
		for (int i = 0; i < 300; ++i)
			units += letters[random() % letters.size()];
		auto const bytes = utf16(units, order);

		Utf16Decoder decoder(order);
		std::string out;
		std::size_t asked = 0;
		std::size_t line = 0;
		for (std::size_t at = 0; at < bytes.size();) {
			auto const size = std::min<std::size_t>(1 + random() % 40, bytes.size() - at);
			decoder.decode(std::string_view(bytes).substr(at, size), out);
			at += size;
			for (auto end = out.find('\n', asked); end != out.npos && random() % 4 != 0; end = out.find('\n', asked)) {
				asked = end + 1;
				line = units.find(u'\n', line) + 1;
				ASSERT_EQ(decoder.original_offset(asked), line * 2);
			}
		}
	}
}

TEST(Utf16, KnowsItsNames)
{
	for (auto const name : {"UTF-16LE", "utf16le", "UTF_16 le", "ucs-2le"})
		EXPECT_EQ(utf16_name(name), Utf16Name::little) << name;
	EXPECT_EQ(utf16_name("UTF-16BE"), Utf16Name::big);
	for (auto const name : {"utf16", "UTF-16", "UCS2"})
		EXPECT_EQ(utf16_name(name), Utf16Name::any) << name;
	for (auto const name : {"", "UTF8", "UTF-16X", "utf-32", "unicode"})
		EXPECT_EQ(utf16_name(name), std::nullopt) << name;
}

TEST(Utf16, KnowsItsByteOrderByZeros)
{
	std::string const text = "email,\xC3\xB6,time\n";
	EXPECT_EQ(zero_byte_order(encode_utf16(text, ByteOrder::little)), ByteOrder::little);
	EXPECT_EQ(zero_byte_order(encode_utf16(text, ByteOrder::big)), ByteOrder::big);
	EXPECT_EQ(zero_byte_order(encode_utf16(text, ByteOrder::big) + 'x'), ByteOrder::big);
	for (auto const &other : {""s, "e\0"s, text, std::string(20, '\0'), "email,name,time,a\0b\0"s})
		EXPECT_EQ(zero_byte_order(other), std::nullopt) << other;
}

} // namespace vero
