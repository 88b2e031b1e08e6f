// Fuzzes RecordReader: whatever the bytes, dialect, limits and chunks, it reads what the plain reader reads.
#include "../support/plain_record_reader.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	if (size < 4)
		return 0;

	static constexpr char delimiters[] = {',', ';', '\t', '|', ' ', 'a'};
	static constexpr char quotes[] = {'"', '"', '\'', ' '};
	static constexpr char escapes[] = {'"', '\\', '\'', ',', ' ', '\t'};
	vero::Dialect dialect;
	dialect.delimiter = delimiters[data[0] % sizeof delimiters];
	dialect.quote = quotes[data[0] / 8 % sizeof quotes];
	dialect.escape = data[1] % 8 < sizeof escapes ? escapes[data[1] % 8] : dialect.quote;
	if (dialect.delimiter == dialect.quote)
		return 0;
	std::size_t const limit = data[2] < 250 ? 1 + data[2] : 100'000;
	unsigned const chunk_seed = data[3];
	std::string input(reinterpret_cast<char const *>(data) + 4, size - 4);
	if (data[1] >= 128) {
		// Every byte means something: states that rarely come about by chance are soon reached.
		static constexpr std::string_view alphabet("aa,,\"\"\"\n\n\r \t\0\\;\303", 16);
		for (auto &c : input)
			c = alphabet[static_cast<unsigned char>(c) % alphabet.size()];
	}

	unsigned state = chunk_seed;
	auto const chunk_size = [&]() -> std::size_t {
		state = state * 1103515245 + 12345;
		return chunk_seed < 32 ? 1 + chunk_seed : 1 + (state >> 16) % chunk_seed;
	};
	std::size_t const max_cells = data[0] < 32 ? vero::kMaxColumns : data[0] / 32;
	if (vero::test::read_in_chunks(dialect, limit, input, chunk_size, max_cells) !=
		vero::test::read_plainly(dialect, limit, input, max_cells))
		__builtin_trap();
	return 0;
}
