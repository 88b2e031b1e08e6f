// Reads archives in chunks and pieces of any sizes, for tests.
#pragma once

#include "core/compression/decompressor.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

namespace vero::test {

struct ReadArchive {
	std::string text;
	std::string error; ///< empty: it was read to its end
	bool is_refused = false;

	bool operator==(ReadArchive const &) const = default;
};

/// `chunk` and `piece` say how large the next one of either is, at least 1.
inline ReadArchive read_archive(Compression compression, std::string_view archive,
								std::function<std::size_t()> const &chunk, std::function<std::size_t()> const &piece,
								GrowthLimits const &limits = {})
{
	ReadArchive read;
	Decompressor decompressor(compression, limits);
	try {
		while (true) {
			std::size_t const before = read.text.size();
			std::size_t const most = piece();
			read.text.resize(before + most);
			std::size_t size = 0;
			try {
				size = decompressor.read({read.text.data() + before, most});
			} catch (ArchiveError const &) {
				read.text.resize(before);
				throw;
			}
			read.text.resize(before + size);
			if (size > 0)
				continue;
			if (archive.empty())
				break;
			std::size_t const given = std::min(chunk(), archive.size());
			archive.copy(decompressor.prepare(given).data(), given);
			decompressor.commit(given);
			archive.remove_prefix(given);
		}
		decompressor.finish();
	} catch (ArchiveError const &error) {
		read.error = error.what();
		read.is_refused = error.kind() == ArchiveError::Kind::refused;
	}
	return read;
}

inline ReadArchive read_archive(Compression compression, std::string_view archive, std::size_t chunk = 65'536,
								std::size_t piece = 65'536, GrowthLimits const &limits = {})
{
	return read_archive(
		compression, archive, [chunk] { return chunk; }, [piece] { return piece; }, limits);
}

} // namespace vero::test
