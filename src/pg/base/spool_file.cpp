// Bytes that wait until they are read again: in memory while they are few, then in a temporary file.
#include "pg/base/spool_file.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace vero::pg {
namespace {

// A small import makes no file.
constexpr std::uint64_t kMostInMemory = 64 << 10;

} // namespace

bool SpoolFile::has_room_for(std::uint64_t size) const
{
	return may_spool(size_ + size, temp_file_limit);
}

void SpoolFile::move_to_file()
{
	call([this] {
		MemoryContext memory_before = MemoryContextSwitchTo(memory_);
		ResourceOwner owner_before = CurrentResourceOwner;
		CurrentResourceOwner = owner_;
		file_ = BufFileCreateTemp(false);
		CurrentResourceOwner = owner_before;
		MemoryContextSwitchTo(memory_before);
		BufFileWrite(file_, bytes_.data(), bytes_.size());
	});
	std::vector<char>().swap(bytes_);
}

void SpoolFile::expect(std::uint64_t size)
{
	size_ += size;
	if (file_ == nullptr && size_ > kMostInMemory)
		move_to_file();
}

void SpoolFile::put(void const *from, std::size_t size)
{
	if (file_ != nullptr) {
		BufFileWrite(file_, const_cast<void *>(from), size);
		return;
	}
	auto const *bytes = static_cast<char const *>(from);
	bytes_.insert(bytes_.end(), bytes, bytes + size);
}

void SpoolFile::rewind()
{
	next_ = 0;
	call([this] {
		if (file_ != nullptr && BufFileSeek(file_, 0, 0, SEEK_SET) != 0)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not rewind temporary file of %s", holds_)));
	});
}

/// Fewer than `size` at the end.
std::size_t SpoolFile::read_some(void *into, std::size_t size)
{
	if (file_ != nullptr)
		return call([&] { return BufFileRead(file_, into, size); });
	std::size_t count = std::min(size, bytes_.size() - next_);
	std::copy_n(bytes_.data() + next_, count, static_cast<char *>(into));
	next_ += count;
	return count;
}

void SpoolFile::demand(bool is_read) const
{
	if (is_read)
		return;
	call([this] {
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read from temporary file of %s", holds_)));
	});
}

bool SpoolFile::read(void *into, std::size_t size)
{
	std::size_t count = read_some(into, size);
	demand(count == 0 || count == size);
	return count > 0;
}

void SpoolFile::read_on(void *into, std::size_t size)
{
	demand(read_some(into, size) == size);
}

void SpoolFile::close()
{
	if (file_ != nullptr)
		call([this] { BufFileClose(file_); });
	file_ = nullptr;
}

} // namespace vero::pg
