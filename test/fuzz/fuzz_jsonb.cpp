// Fuzzes the writing of stored jsonb: what was written is read back the same by a plain reader.
#include "core/property/jsonb.hpp"
#include "support/plain_jsonb.hpp"

#include <algorithm>
#include <cstdint>

namespace {

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

/// Texts of the lengths that single bytes of the input say, up to 15; a few of these stand for long ones.
class Input {
public:
	explicit Input(std::string_view bytes) : bytes_(bytes) {}

	bool is_empty() const { return bytes_.empty(); }
	std::string take_text()
	{
		if (is_empty())
			return {};
		auto const head = static_cast<unsigned char>(bytes_[0]);
		bytes_.remove_prefix(1);
		if (head >= 250)
			return std::string(std::size_t{1} << (head - 246), 'x');
		auto const text = bytes_.substr(0, head % 16);
		bytes_.remove_prefix(text.size());
		return std::string(text);
	}

private:
	std::string_view bytes_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	Input input({reinterpret_cast<char const *>(data), size});
	vero::test::StoredMembers expected;
	while (!input.is_empty()) {
		auto key = input.take_text();
		expected.emplace_back(std::move(key), input.take_text());
	}
	for (std::size_t i = 1; i < expected.size(); ++i)
		require(vero::is_jsonb_key_less(expected[i - 1].first, expected[i].first) ==
				vero::test::is_key_before(expected[i - 1].first, expected[i].first));
	auto const is_before = [](auto const &a, auto const &b) { return vero::test::is_key_before(a.first, b.first); };
	auto const are_equal = [](auto const &a, auto const &b) { return a.first == b.first; };
	std::stable_sort(expected.begin(), expected.end(), is_before);
	expected.erase(std::unique(expected.begin(), expected.end(), are_equal), expected.end());

	std::vector<vero::Member> members;
	for (auto const &[key, value] : expected)
		members.push_back({key, value});
	std::vector<char> stored(vero::jsonb_object_size(members));
	vero::write_jsonb_object(members, stored.data());
	require(vero::test::read_stored_object({stored.data(), stored.size()}) == expected);

	if (members.empty())
		return 0;
	// the object itself, and again with the values that its length tells to be null
	vero::test::NullableMembers nullable;
	auto elements = members;
	for (std::size_t i = 0; i < members.size(); ++i) {
		auto const is_null = (members[i].value.size() + i) % 3 == 0;
		elements.push_back({members[i].key, is_null ? std::string_view() : members[i].value,
							is_null ? vero::JsonbType::null : vero::JsonbType::string});
		nullable.emplace_back(expected[i].first, is_null ? std::nullopt : std::optional(expected[i].second));
	}
	std::vector<char> stored_array(vero::jsonb_array_size(elements, members.size()));
	vero::write_jsonb_array(elements, members.size(), stored_array.data());
	auto const array = vero::test::read_stored_array({stored_array.data(), stored_array.size()});
	require(array && array->size() == 2 && array->at(1) == nullable);
	require(array->at(0) == vero::test::NullableMembers(expected.begin(), expected.end()));
	return 0;
}
