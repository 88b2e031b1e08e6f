// Finds the bytes that matter to the CSV grammar, many at a time.
#pragma once

#include "core/csv/dialect.hpp"

#include <cstddef>
#include <cstdint>

namespace vero {

/// Writes the positions of all structural bytes of a block: delimiter, quote, escape (where it differs from the quote),
/// CR, LF and NUL, in order. Which of them count is the record reader's business: the scanner keeps no state, so a
/// block may be cut anywhere.
class CsvScanner {
public:
	/// Vector instructions, from none to the widest.
	enum class Level : std::uint8_t { plain, sse2, avx2, avx512 };

	/// Picks the fastest implementation that this processor runs, up to `highest`.
	explicit CsvScanner(Dialect const &dialect, Level highest = Level::avx512);

	/// Scans `size` bytes and writes `base` + offset for each structural byte. `out` has room for `size` + 64 positions
	/// (implementations may write past the last one). Returns how many are valid.
	std::size_t scan(char const *bytes, std::size_t size, std::uint32_t base, std::uint32_t *out) const
	{
		return implementation_(*this, bytes, size, base, out);
	}

	/// The same, byte by byte: the plain version that the fast ones are tested against.
	std::size_t scan_plain(char const *bytes, std::size_t size, std::uint32_t base, std::uint32_t *out) const;

	char delimiter() const { return delimiter_; }
	char quote() const { return quote_; }
	char escape() const { return escape_; }

private:
	using Implementation = std::size_t (*)(CsvScanner const &, char const *bytes, std::size_t size, std::uint32_t base,
										   std::uint32_t *out);

	static Implementation implementation(Level highest);

	char delimiter_;
	char quote_;
	char escape_;
	Implementation implementation_;
};

} // namespace vero
