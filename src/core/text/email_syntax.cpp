// What counts as an e-mail address, and its normal form.
#include "core/text/email_syntax.hpp"

#include "core/text/character.hpp"
#include "core/text/normal_form.hpp"
#include "core/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace vero {

namespace {

constexpr std::size_t kMaxAddressBytes = 254;
constexpr std::size_t kMaxLocalBytes = 64;
constexpr std::size_t kMaxLabelBytes = 63;

/// Where an ASCII character may stand; a set of bits.
enum Place : std::uint8_t { kInAtom = 1, kInLabel = 2 };

constexpr std::array<std::uint8_t, 256> make_places()
{
	std::array<std::uint8_t, 256> places{};
	for (char const c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")) {
		places[static_cast<unsigned char>(c)] = kInAtom | kInLabel;
	}
	// The rest of atext, RFC 5322 section 3.2.3.
	for (char const c : std::string_view("!#$%&'*+/=?^_`{|}~")) {
		places[static_cast<unsigned char>(c)] = kInAtom;
	}
	return places;
}

constexpr std::array<std::uint8_t, 256> kPlaces = make_places();

/// The first position at or behind `from` that cannot stand at `place`.
std::size_t find_run_end(std::string_view text, std::size_t from, Place place)
{
	while (from < text.size()) {
		auto const byte = static_cast<unsigned char>(text[from]);
		if ((kPlaces[byte] & place) != 0) {
			++from;
			continue;
		}
		if (byte < 0x80) {
			return from;
		}
		auto const step = decode_utf8(text, from);
		if (!step.is_well_formed || !is_letter_beyond_ascii(step.code_point)) {
			return from;
		}
		from += step.length;
	}
	return from;
}

bool is_label(std::string_view label)
{
	return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' && label.back() != '-';
}

bool is_number(std::string_view label)
{
	return std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_domain(std::string_view domain)
{
	for (std::size_t start = 0;;) {
		auto const end = find_run_end(domain, start, kInLabel);
		auto const label = domain.substr(start, end - start);
		if (!is_label(label)) {
			return false;
		}
		if (end == domain.size()) {
			return start != 0 && !is_number(label);
		}
		if (domain[end] != '.') {
			return false;
		}
		start = end + 1;
	}
}

/// It is an atom by the rules, but some mail programs decode what begins or ends like an encoded word (RFC 2047) even here, and find
/// another address in it.
constexpr std::string_view kEncodedWordMark = "=?";

/// Of an address that is not all ASCII.
std::string normal_form(std::string_view address)
{
	CodePoints points = to_code_points(address);
	compose(points);
	for (std::int32_t &point : points) {
		point = static_cast<std::int32_t>(lower_letter(static_cast<char32_t>(point)));
	}
	compose(points); // a small letter may have one with its mark where the capital has none
	std::string normal;
	append_text(normal, points);
	return normal;
}

/// The first character that may stand nowhere in an address, for people.
std::optional<std::string> find_foreign_character(std::string_view address)
{
	for (std::size_t position = 0; position < address.size();) {
		position = find_run_end(address, position, kInAtom);
		if (position == address.size()) {
			break;
		}
		char const c = address[position];
		if (c == '.' || c == '@') {
			++position;
			continue;
		}
		if (c > ' ' && c < '\x7F') {
			return "\"" + std::string(1, c) + "\"";
		}
		auto const step = decode_utf8(address, position);
		if (!step.is_well_formed) {
			return "bytes that are not valid UTF-8";
		}
		std::array<char, 16> number{};
		std::snprintf(number.data(), number.size(), "U+%04X", static_cast<unsigned>(step.code_point));
		return number.data();
	}
	return std::nullopt;
}

} // namespace

bool is_email(std::string_view address)
{
	if (address.size() > kMaxAddressBytes) {
		return false;
	}
	for (std::size_t start = 0;;) {
		auto const end = find_run_end(address, start, kInAtom);
		if (end == start || end == address.size()) {
			return false;
		}
		if (address[end] == '@') {
			return end <= kMaxLocalBytes && address.substr(0, end).find(kEncodedWordMark) == std::string_view::npos &&
				   is_domain(address.substr(end + 1));
		}
		if (address[end] != '.') {
			return false;
		}
		start = end + 1;
	}
}

bool append_normal_email(std::string &out, std::string_view address)
{
	if (!is_email(address)) {
		return false;
	}
	if (is_ascii(address)) {
		append_lower(out, address);
		return true;
	}
	std::string const normal = normal_form(address);
	if (!is_email(normal)) {
		return false;
	}
	out += normal;
	return true;
}

std::string describe_email_fault(std::string_view address)
{
	if (auto const foreign = find_foreign_character(address)) {
		return "It holds " + *foreign + ".";
	}
	if (address.find(kEncodedWordMark) != std::string_view::npos) {
		return "It holds \"=?\", which mail programs take for the beginning of an encoded word.";
	}
	auto const at = address.find('@');
	if (at == std::string_view::npos) {
		return "It has no \"@\".";
	}
	if (address.find('@', at + 1) != std::string_view::npos) {
		return "It has more than one \"@\".";
	}
	std::string const normal = is_ascii(address) ? std::string(address) : normal_form(address);
	if (std::max(address.size(), normal.size()) > kMaxAddressBytes) {
		return "It is longer than " + std::to_string(kMaxAddressBytes) + " bytes.";
	}
	if (std::max(at, normal.find('@')) > kMaxLocalBytes) {
		return "What stands before its \"@\" is longer than " + std::to_string(kMaxLocalBytes) + " bytes.";
	}
	if (!is_domain(address.substr(at + 1)) || !is_domain(std::string_view(normal).substr(normal.find('@') + 1))) {
		return "Its domain must be two or more labels with dots between them, each of 1 to 63 letters, digits and "
			   "hyphens, with no hyphen at an end, and the last one no number.";
	}
	return "Before its \"@\" something must stand, without dots at an end or beside each other.";
}

bool is_email_placeholder(std::string_view address)
{
	static constexpr std::string_view kPlaceholders[] = {"", "null", "none", "nil", "undefined", "n/a", "0"};
	auto const equals = [address](std::string_view placeholder) {
		return std::equal(
			address.begin(), address.end(), placeholder.begin(), placeholder.end(),
			[](char c, char lower) { return c == lower || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == lower); });
	};
	return std::any_of(std::begin(kPlaceholders), std::end(kPlaceholders), equals);
}

} // namespace vero
