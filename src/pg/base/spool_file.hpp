// Bytes that wait until they are read again: in memory while they are few, then in a temporary file.
#pragma once

#include "pg/base/boundary.hpp"

#include <cstdint>
#include <limits>
#include <vector>

extern "C" {
#include "storage/buffile.h"
#include "utils/resowner.h"
}

namespace vero::pg {

/// Whether one file may hold so many bytes. `limit_kb` is temp_file_limit, of the whole session: an import has more than one, and index
/// entries may take half. -1: there is none.
constexpr bool may_spool(std::uint64_t bytes, int limit_kb)
{
	return limit_kb < 0 || bytes <= static_cast<std::uint64_t>(limit_kb) * 1024 / 4;
}

static_assert(may_spool(0, 0) && !may_spool(1, 0) && may_spool(256, 1) && !may_spool(257, 1));
static_assert(may_spool(std::numeric_limits<std::uint64_t>::max(), -1));

/// First written, then read from the beginning as often as is needed. The file goes with the transaction, or the part of it, in which this
/// was made.
class SpoolFile {
public:
	/// `holds` is for messages: "could not read from temporary file of deferred events".
	explicit SpoolFile(char const *holds) : holds_(holds) {}
	SpoolFile(SpoolFile const &) = delete;
	SpoolFile &operator=(SpoolFile const &) = delete;

	/// True where this much more may be written: within a quarter of temp_file_limit.
	bool has_room_for(std::uint64_t size) const;
	std::uint64_t size() const { return size_; }
	/// What follows has so many bytes. Throws Error.
	void expect(std::uint64_t size);
	/// Appends some of what is expected. To be called in call().
	void put(void const *from, std::size_t size);

	/// Reading begins anew. Throws Error.
	void rewind();
	/// False at the end. Throws Error, too where there are fewer.
	bool read(void *into, std::size_t size);
	/// The same where it is known that there are more. Throws Error.
	void read_on(void *into, std::size_t size);
	/// To be called once, last. Throws Error.
	void close();

private:
	void move_to_file();
	std::size_t read_some(void *into, std::size_t size);
	void demand(bool is_read) const;

	char const *holds_;
	MemoryContext memory_ = CurrentMemoryContext; ///< the caller's, which outlives this
	ResourceOwner owner_ = CurrentResourceOwner;  ///< the same
	BufFile *file_ = nullptr;					  ///< null: all of it is in memory
	std::vector<char> bytes_;					  ///< then they are here
	std::size_t next_ = 0;						  ///< and this one is read next
	std::uint64_t size_ = 0;
};

} // namespace vero::pg
