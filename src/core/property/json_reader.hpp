// Reads JSON into the form in which PostgreSQL stores it.
#pragma once

#include "core/property/decimal.hpp"
#include "core/property/json_pieces.hpp"
#include "core/text/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace vero {

constexpr std::size_t kMaxJsonDepth = 100;		  ///< objects and arrays within each other
constexpr std::size_t kMaxJsonSize = 1024 * 1024; ///< bytes of a text, and of all its numbers written out

/// Reads what jsonb_in reads, with its result, byte for byte: of equal keys the last one counts, and no string has U+0000. It keeps its
/// memory from one text to the next.
class JsonReader {
public:
	/// Appends the value to `out` and says what it is, or why the text, which is well-formed UTF-8, is none: "which ...".
	Result<JsonbType> read(std::string_view text, std::string &out);

private:
	void skip_space();
	bool take(char c);
	bool take_word(std::string_view word);
	std::string_view take_digits();
	bool fail(std::string why);
	bool fail_here();
	bool read_value(std::size_t depth);
	bool read_string();
	bool read_escape();
	bool read_unicode();
	bool read_code_unit(char32_t &unit);
	bool read_number();
	bool read_array(std::size_t depth);
	bool read_object(std::size_t depth);
	bool read_pair(std::size_t depth);

	std::string_view text_;
	std::size_t at_ = 0;
	std::size_t numbers_size_ = 0; ///< of all numbers, written out
	std::string why_;
	JsonPieces pieces_;
	Decimal number_;
};

} // namespace vero
