// Checks UTF-8 by the table of RFC 3629, byte by byte: what is_utf8() is tested against.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace vero::test {

inline bool is_utf8_plain(std::string_view text)
{
	// The rows of RFC 3629, section 4, two bounds for each byte.
	struct Form {
		std::size_t length;
		unsigned char bounds[4][2];
	};
	static constexpr Form kForms[] = {
		{1, {{0x00, 0x7F}}},
		{2, {{0xC2, 0xDF}, {0x80, 0xBF}}},
		{3, {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
		{3, {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
		{3, {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
		{3, {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
		{4, {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
		{4, {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
		{4, {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}},
	};
	while (!text.empty()) {
		auto const *const form = std::find_if(std::begin(kForms), std::end(kForms), [text](Form const &candidate) {
			if (candidate.length > text.size()) {
				return false;
			}
			for (std::size_t i = 0; i < candidate.length; ++i) {
				auto const byte = static_cast<unsigned char>(text[i]);
				if (byte < candidate.bounds[i][0] || byte > candidate.bounds[i][1]) {
					return false;
				}
			}
			return true;
		});
		if (form == std::end(kForms)) {
			return false;
		}
		text.remove_prefix(form->length);
	}
	return true;
}

} // namespace vero::test
