// Writes an internationalised domain name in the ASCII that DNS and SMTP speak.
#include "core/mail/idn.hpp"

#include "core/text/text.hpp"

#include <cstdint>
#include <idn2.h>
#include <memory>
#include <new>

namespace vero {

std::optional<std::string> to_ascii_domain(std::string_view domain)
{
	if (is_ascii(domain)) {
		return std::string(domain);
	}
	std::string const terminated(domain);
	std::uint8_t *converted = nullptr;
	int const result = idn2_lookup_u8(reinterpret_cast<std::uint8_t const *>(terminated.c_str()), &converted,
									  IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	std::unique_ptr<std::uint8_t, void (*)(void *)> const owner(converted, idn2_free);
	if (result == IDN2_MALLOC) {
		throw std::bad_alloc();
	}
	if (result != IDN2_OK) {
		return std::nullopt;
	}
	return std::string(reinterpret_cast<char const *>(converted));
}

} // namespace vero
