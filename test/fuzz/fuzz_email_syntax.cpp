// Fuzzes the check of e-mail addresses against a plain one that splits at '@' and '.'.
#include "core/text/character.hpp"
#include "core/text/email_syntax.hpp"
#include "core/text/normal_form.hpp"
#include "core/text/text.hpp"
#include "support/plain_utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

std::vector<std::string> split(std::string const &text, char separator)
{
	std::vector<std::string> parts(1);
	for (char const c : text) {
		if (c == separator) {
			parts.emplace_back();
		} else {
			parts.back().push_back(c);
		}
	}
	return parts;
}

bool consists_of_letters_and(std::string const &text, std::string const &others)
{
	for (std::int32_t const point : vero::to_code_points(text)) {
		auto const c = static_cast<char32_t>(point);
		bool const is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		bool const is_other = c < 0x80 && others.find(static_cast<char>(c)) != std::string::npos;
		if (!is_alphanumeric && !is_other && !(c >= 0x80 && vero::is_letter_beyond_ascii(c))) {
			return false;
		}
	}
	return !text.empty();
}

bool is_email_plain(std::string const &address)
{
	auto const halves = split(address, '@');
	if (address.size() > 254 || halves.size() != 2 || halves[0].size() > 64 ||
		address.find("=?") != std::string::npos) {
		return false;
	}
	for (auto const &atom : split(halves[0], '.')) {
		if (!consists_of_letters_and(atom, "!#$%&'*+-/=?^_`{|}~")) {
			return false;
		}
	}
	auto const labels = split(halves[1], '.');
	for (auto const &label : labels) {
		if (!consists_of_letters_and(label, "-") || label.size() > 63 || label.front() == '-' || label.back() == '-') {
			return false;
		}
	}
	return labels.size() >= 2 && labels.back().find_first_not_of("0123456789") != std::string::npos;
}

/// One normal form, which is its own, whatever the case and the spelling of letters with marks.
void check_normal_form(std::string const &bytes)
{
	std::string normal;
	if (!vero::append_normal_email(normal, bytes)) {
		require(normal.empty() && !vero::describe_email_fault(bytes).empty());
		return;
	}
	require(vero::is_email(bytes) && vero::is_email(normal));
	std::string again;
	require(vero::append_normal_email(again, normal) && again == normal);
	std::string lower;
	vero::append_lower(lower, normal);
	require(lower == normal);
	auto spelled_apart = vero::to_code_points(bytes);
	vero::decompose(spelled_apart);
	std::string apart;
	vero::append_text(apart, spelled_apart);
	std::string same;
	require(!vero::append_normal_email(same, apart) || same == normal);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string const bytes(reinterpret_cast<char const *>(data), size);
	bool const is_accepted = vero::is_email(bytes);
	if (vero::test::is_utf8_plain(bytes)) {
		require(is_accepted == is_email_plain(bytes));
	} else {
		require(!is_accepted);
	}
	require(!is_accepted || !vero::is_email_placeholder(bytes));
	check_normal_form(bytes);
	return 0;
}
