// Fuzzes the reading of properties' cells: what is a number keeps every digit, what is JSON is stored as a plain reader of both reads it, and
// a text that `auto` changes is shown again as it was.
#include "core/property/number_cell.hpp"
#include "core/property/property_value.hpp"
#include "support/plain_jsonb.hpp"
#include "support/plain_numeric.hpp"
#include "support/plain_utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace {

using vero::JsonbType;
using vero::NumberFault;
using vero::PropertyType;

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

/// Digits, marks and signs more often than their share of bytes.
std::string expand(std::string_view bytes)
{
	static constexpr std::string_view words[] = {"0", "1",	"12", "999",	  "000",  ".",		  ",",
												 "-", "e-", "e",  "\xC2\xA0", " ",	  "{\"a\":",  "}",
												 "[", "]",	"\"", "\\u",	  "true", "123456789"};
	std::string text;
	for (char const c : bytes) {
		auto const word = static_cast<std::size_t>(static_cast<unsigned char>(c)) - 0x80;
		text += word < std::size(words) ? words[word] : std::string_view(&c, 1);
	}
	return text;
}

/// A number without its groups, with '.' as its mark: dropped plainly, wherever they stand.
std::string without_groups(std::string text, std::optional<char> mark)
{
	if (!mark)
		return text;
	for (std::string_view const group :
		 {mark == ',' ? "." : ",", " ", "'", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x99", "\xE2\x80\x89"}) {
		for (std::size_t at = text.find(group); at != text.npos; at = text.find(group))
			text.erase(at, group.size());
	}
	std::replace(text.begin(), text.end(), *mark, '.');
	return text;
}

void check_number(std::string const &text, std::optional<char> mark)
{
	vero::Decimal number;
	auto const fault = vero::read_number(text, mark, number);
	if (fault == NumberFault::none) {
		auto const shown = vero::test::show_plain_number(without_groups(text, mark));
		std::string stored;
		vero::append_numeric(stored, number);
		require(shown && vero::to_text(number) == *shown);
		require(vero::test::show_stored_numeric(stored) == shown);
		require(static_cast<std::int64_t>(shown->size()) <= number.text_length());
		require(shown->size() <= text.size() + vero::kMaxCellExponent + 2);
	} else if (fault == NumberFault::no_number) {
		require(mark || !vero::test::show_plain_number(text));
	}
}

/// Every value in its place, as deep as they go.
void check_stored(std::string_view bytes, JsonbType type)
{
	if (type == JsonbType::number) {
		require(vero::test::show_stored_numeric(bytes).has_value());
	} else if (type == JsonbType::string) {
		require(vero::test::is_utf8_plain(bytes) && bytes.find('\0') == bytes.npos);
	} else if (type != JsonbType::container) {
		require(bytes.empty());
	} else {
		using vero::test::PlainContainer;
		PlainContainer const container(bytes);
		bool const is_object = container.is_valid(PlainContainer::Kind::object);
		require(is_object || container.is_valid(PlainContainer::Kind::array));
		for (std::size_t i = 0; is_object && i < container.count(); ++i)
			require(i == 0 || vero::test::is_key_before(container.text(i - 1), container.text(i)));
		for (std::size_t i = 0; i < container.count() * (is_object ? 2 : 1); ++i) {
			auto const element = static_cast<JsonbType>(container.type(i));
			bool const is_padded = element == JsonbType::number || element == JsonbType::container;
			auto const value = is_padded ? container.container(i) : std::optional(container.text(i));
			require(value.has_value());
			check_stored(*value, element);
		}
	}
}

void check_value(PropertyType type, std::string const &text, std::optional<char> mark)
{
	vero::PropertyReader reader(mark, vero::Notation::function);
	std::string out = "before";
	auto const read = reader.read(type, text, out);
	require(out.starts_with("before"));
	out.erase(0, 6);
	if (!read) {
		require(out.empty() && !read.error().what.empty() &&
				vero::test::is_utf8_plain(read.error().what + read.error().help));
		require(type != PropertyType::text && type != PropertyType::automatic);
		return;
	}
	check_stored(out, *read);
	if (type == PropertyType::text)
		require(*read == JsonbType::string && out == text);
	if (type == PropertyType::automatic) {
		std::string shown = *read == JsonbType::string	  ? out
							: *read == JsonbType::number  ? vero::test::show_stored_numeric(out).value()
							: *read == JsonbType::is_true ? "true"
														  : "false";
		if (*read == JsonbType::number)
			std::replace(shown.begin(), shown.end(), '.', mark.value_or('.'));
		require(shown == text);
	}
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 1)
		return 0;
	std::string_view const bytes(reinterpret_cast<char const *>(data) + 1, size - 1);
	std::string const text = data[0] < 128 ? expand(bytes) : std::string(bytes);
	if (!vero::test::is_utf8_plain(text) || text.find('\0') != text.npos)
		return 0;
	std::optional<char> const mark = data[0] % 4 == 0	? std::optional('.')
									 : data[0] % 4 == 1 ? std::optional(',')
														: std::nullopt;
	check_number(text, mark);
	for (PropertyType const type :
		 {PropertyType::text, PropertyType::number, PropertyType::boolean, PropertyType::json, PropertyType::automatic})
		check_value(type, text, mark);
	return 0;
}
