// Fuzzes the encodings of mail: what is encoded is fit for any server, and decodes to the same.
#include "core/mail/mail_header.hpp"
#include "core/mail/mime_encoding.hpp"
#include "support/plain_mail.hpp"
#include "support/plain_utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

void require(bool condition)
{
	if (!condition) {
		__builtin_trap();
	}
}

std::string joined(std::vector<std::string> const &pieces)
{
	std::string out;
	for (auto const &piece : pieces) {
		require(!piece.empty() && vero::is_ascii(piece) && piece.size() <= 75 + 1);
		out += (out.empty() ? "" : " ") + piece;
	}
	return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	using namespace vero;
	std::string_view const bytes(reinterpret_cast<char const *>(data), size);
	auto const lines = to_mail_lines(bytes);
	require(lines == test::mail_lines_plain(bytes) && to_mail_lines(lines) == lines);
	std::string quoted;
	append_quoted_printable(quoted, lines);
	require(test::decode_quoted_printable(test::split_lines(quoted)) == lines);
	require(quoted.find("=_") == std::string::npos);

	std::string encoded;
	append_base64_lines(encoded, bytes);
	require(test::decode_base64(test::join_lines(test::split_lines(encoded), "")) == bytes);

	auto const text = to_header_text(bytes);
	require(vero::test::is_utf8_plain(text) && to_header_text(text) == text);
	std::size_t const first_limit = 24 + (size == 0 ? 0 : data[0] % 52);
	auto const words = to_encoded_words(text, first_limit);
	require(test::decode_words(joined(words)) == text && (words.empty() || words[0].size() <= first_limit));
	require(test::decode_words(joined(to_unstructured(text, first_limit))) == text);
	require(test::parameter_of("x; " + joined(to_parameter("filename", text)), "filename") == text);
	return 0;
}
