// Fuzzes the reader of journals with any bytes, and with frames whose checksum is right: what it reads, it would write again.
#include "core/report/import_journal.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

void require(bool condition)
{
	if (!condition)
		__builtin_trap();
}

/// The bytes as the content of a frame, as only a writer that went astray would write it.
std::string frame(std::string_view content)
{
	std::string bytes = vero::to_journal_frame({}).substr(0, 8);
	std::uint64_t hash = 0xCBF29CE484222325U;
	for (char const c : content)
		hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
	for (std::uint64_t number : {std::uint64_t{content.size()}, hash})
		for (int i = 0; i < 8; ++i)
			bytes += static_cast<char>(number >> (8 * i));
	return bytes.append(content);
}

void check(vero::Journal const &journal)
{
	std::string bytes;
	for (auto const &entry : journal.entries)
		bytes += vero::to_journal_frame(entry);
	auto const again = vero::read_journal(bytes);
	require(again.is_whole && again.entries.size() == journal.entries.size());
	std::string same;
	for (auto const &entry : again.entries)
		same += vero::to_journal_frame(entry);
	require(same == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const *data, std::size_t size)
{
	std::string_view const bytes(reinterpret_cast<char const *>(data), size);
	check(vero::read_journal(bytes));
	auto const framed = vero::read_journal(frame(bytes));
	check(framed);
	// one that is whole has one form
	if (framed.is_whole)
		require(vero::to_journal_frame(framed.entries.at(0)) == frame(bytes));
	// what is whole stays what it is with damage behind it
	auto const longer = vero::read_journal(frame(bytes) + "x");
	require(!longer.is_whole && longer.entries.size() == framed.entries.size());
	return 0;
}
