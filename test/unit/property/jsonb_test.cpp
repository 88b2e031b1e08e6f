// Checks that what is written as stored jsonb is read back the same by a plain reader, and lies byte for byte as it should.
#include "core/property/jsonb.hpp"
#include "core/property/limit_exceeded.hpp"
#include "support/plain_jsonb.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>

using namespace std::string_literals;
using namespace std::string_view_literals;

namespace vero {
namespace {

using test::StoredMembers;

std::string write(std::vector<Member> const &members)
{
	// exactly as many bytes as asked for, so that AddressSanitizer sees one too many
	std::vector<char> stored(jsonb_object_size(members), '\xEE');
	write_jsonb_object(members, stored.data());
	return {stored.begin(), stored.end()};
}

std::string write_array(std::vector<Member> const &members, std::size_t members_each)
{
	std::vector<char> stored(jsonb_array_size(members, members_each), '\xEE');
	write_jsonb_array(members, members_each, stored.data());
	return {stored.begin(), stored.end()};
}

std::string write_texts(StoredMembers const &texts)
{
	std::vector<Member> members;
	for (auto const &[key, value] : texts)
		members.push_back({key, value});
	return write(members);
}

std::string word(std::uint32_t value)
{
	return {reinterpret_cast<char const *>(&value), sizeof value};
}

/// `count` members, keys in order, values as `value_of` gives them.
template <typename ValueOf> StoredMembers make_members(std::size_t count, ValueOf value_of)
{
	StoredMembers members;
	for (std::size_t i = 0; i < count; ++i)
		members.emplace_back("key_" + std::to_string(i), value_of(i));
	std::sort(members.begin(), members.end(),
			  [](auto const &a, auto const &b) { return is_jsonb_key_less(a.first, b.first); });
	return members;
}

} // namespace

TEST(Jsonb, LiesByteForByteAsPostgresqlStoresIt)
{
	constexpr std::uint32_t object = 0x20000000;
	constexpr std::uint32_t has_offset = 0x80000000;
	EXPECT_EQ(write(std::vector<Member>{}), word(object));
	EXPECT_EQ(write({{"a"sv, "xyz"sv}}), word(object | 1) + word(has_offset | 1) + word(3) + "axyz");
	EXPECT_EQ(write({{"b"sv, ""sv}, {"aa"sv, "x"sv}}),
			  word(object | 2) + word(has_offset | 1) + word(2) + word(0) + word(1) + "baax");
}

TEST(Jsonb, EveryThirtySecondEntryHoldsItsEnd)
{
	auto const stored = write_texts(make_members(40, [](std::size_t) { return "12345"s; }));
	for (std::uint32_t i = 0; i < 80; ++i) {
		std::uint32_t entry = 0;
		std::memcpy(&entry, stored.data() + 4 + std::size_t{4} * i, sizeof entry);
		EXPECT_EQ(entry >> 31, i % 32 == 0 ? 1 : 0) << i;
	}
	// 10 keys of 5 bytes, 30 of 6: the 33rd key ends at 10 * 5 + 23 * 6, the 25th value at 230 + 25 * 5
	EXPECT_EQ(stored.substr(4 + 4 * 32, 4), word(0x80000000 | 188));
	EXPECT_EQ(stored.substr(4 + 4 * 64, 4), word(0x80000000 | 355));
}

TEST(Jsonb, IsReadBackTheSame)
{
	for (std::size_t const count : {0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 1000}) {
		auto const members = make_members(count, [](std::size_t i) { return std::string(i * 7 % 300, 'v'); });
		auto const stored = write_texts(members);
		EXPECT_EQ(test::read_stored_object(stored), members) << count;
	}
}

TEST(Jsonb, KeepsEmptyKeysAndValues)
{
	for (std::size_t const count : {1, 31, 32, 33, 100}) {
		auto const members = make_members(count, [](std::size_t) { return ""s; });
		EXPECT_EQ(test::read_stored_object(write_texts(members)), members) << count;
	}
	StoredMembers const empty_key{{"", "v"}, {"a", ""}};
	EXPECT_EQ(test::read_stored_object(write_texts(empty_key)), empty_key);
	EXPECT_EQ(write(std::vector<Member>{{}}), write({{""sv, ""sv}})) << "views of nothing at all";
}

TEST(Jsonb, KeepsBytesAsTheyAre)
{
	StoredMembers const members{
		{"q", "\"\\/\n\t"}, {"\xC3\xA4", "\xF0\x9F\x98\x80"}, {"big", std::string(300'000, 'x')}};
	EXPECT_EQ(test::read_stored_object(write_texts(members)), members);
}

TEST(Jsonb, ReadsBackRandomObjects)
{
	std::mt19937 random(1);
	for (int round = 0; round < 300; ++round) {
		auto const limit = 1 + random() % 40;
		auto const members = make_members(
			random() % 150, [&](std::size_t) { return std::string(random() % limit, 'a' + random() % 26); });
		auto const stored = write_texts(members);
		ASSERT_EQ(test::read_stored_object(stored), members);
	}
}

TEST(Jsonb, OrdersKeysByLengthThenByBytes)
{
	std::vector<std::string> const ordered{"",	 "a",  "b",	   "\x7F", "\xC2",	   "\xFF",
										   "aa", "ab", "b\0"s, "ba",   "\xC3\xA4", "aaa"};
	for (std::size_t i = 0; i < ordered.size(); ++i)
		for (std::size_t j = 0; j < ordered.size(); ++j)
			EXPECT_EQ(is_jsonb_key_less(ordered[i], ordered[j]), i < j) << i << " " << j;
	EXPECT_FALSE(is_jsonb_key_less({}, {}));
}

TEST(Jsonb, ArraysAreReadBackTheSame)
{
	EXPECT_EQ(write_array({}, 4), word(0x40000000));
	for (std::size_t const count : {1, 2, 3, 31, 32, 33, 64, 65, 100}) {
		std::vector<std::string> texts(count);
		std::vector<Member> members;
		std::vector<test::NullableMembers> expected;
		for (std::size_t i = 0; i < count; ++i) {
			texts[i] = std::string(i * 5 % 13, 'v'); // every padding
			members.push_back({"a", texts[i]});
			members.push_back({"bb", {}, i % 3 != 0 ? JsonbType::null : JsonbType::string});
			expected.push_back({{"a", texts[i]}, {"bb", i % 3 != 0 ? std::nullopt : std::optional(""s)}});
		}
		EXPECT_EQ(test::read_stored_array(write_array(members, 2)), expected) << count;
	}
}

TEST(Jsonb, ArraysLieByteForByteAsPostgresqlStoresThem)
{
	constexpr std::uint32_t array = 0x40000000;
	constexpr std::uint32_t container = 0x50000000;
	constexpr std::uint32_t object = 0x20000000;
	constexpr std::uint32_t null = 0x40000000;
	constexpr std::uint32_t has_offset = 0x80000000;
	std::vector<Member> const members{{"a", "x"}, {"b", {}, JsonbType::null}};
	EXPECT_EQ(write_array(members, 1), word(array | 2) + word(has_offset | container | 14) + word(container | 15) +
										   word(object | 1) + word(has_offset | 1) + word(1) + "ax" + "\0\0"s +
										   word(object | 1) + word(has_offset | 1) + word(null) + "b");
}

TEST(Jsonb, StoresAsMuchAsPostgresqlTakesAndNoMore)
{
	// the sizes alone: these views are never read
	std::string_view const half("x", jsonb_form::kMaxSize / 2);
	std::string_view const other_half("x", jsonb_form::kMaxSize - half.size());
	std::string_view const one_too_many("x", other_half.size() + 1);
	EXPECT_EQ(jsonb_object_size(std::vector<Member>{{half, other_half}}), 12U + jsonb_form::kMaxSize);
	EXPECT_THROW(jsonb_object_size(std::vector<Member>{{half, one_too_many}}), LimitExceeded);
	try {
		jsonb_object_size(std::vector<Member>{{half, half}, {half, half}});
	} catch (LimitExceeded const &error) {
		EXPECT_STREQ(error.what(), "total size of jsonb object elements exceeds the maximum of 268435455 bytes");
	}

	// two elements of 12 bytes and a value each; the second begins at an aligned place
	std::string_view const first("x", 99'999);
	std::string_view const second("x", jsonb_form::kMaxSize - 12 - 99'999 - 1 - 12);
	std::string_view const second_too_long("x", second.size() + 1);
	EXPECT_EQ(jsonb_array_size(std::vector<Member>{{"", first}, {"", second}}, 1), 12U + jsonb_form::kMaxSize);
	EXPECT_THROW(jsonb_array_size(std::vector<Member>{{"", first}, {"", second_too_long}}, 1), LimitExceeded);
}

/// The reader is only worth something if it refuses what is wrong.
TEST(Jsonb, ThePlainReaderRefusesOtherBytes)
{
	auto const stored = write_texts(make_members(40, [](std::size_t i) { return std::to_string(i); }));
	ASSERT_TRUE(test::read_stored_object(stored));
	EXPECT_FALSE(test::read_stored_object(stored + "x"));
	EXPECT_FALSE(test::read_stored_object(stored.substr(0, stored.size() - 1)));
	for (std::size_t const at : {std::size_t{0}, std::size_t{4}, std::size_t{8}, std::size_t{4 + 4 * 32}}) {
		auto broken = stored;
		broken[at] = static_cast<char>(broken[at] + 1);
		EXPECT_FALSE(test::read_stored_object(broken)) << at;
	}
	EXPECT_FALSE(test::read_stored_object(write({{"b"sv, ""sv}, {"a"sv, ""sv}})));
	EXPECT_FALSE(test::read_stored_object(write({{"a"sv, ""sv}, {"a"sv, ""sv}})));
}

} // namespace vero
