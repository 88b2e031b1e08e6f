// The files in which running imports are written down: one for each session that imports, locked while its process lives.
#include "pg/journal/journal_file.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"

#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include "common/file_perm.h"
#include "storage/fd.h"
}

namespace vero::pg {
namespace {

constexpr char const *kDirectory = "pg_vero_events";
constexpr std::int64_t kMostKept = 1024 * 1024; ///< bytes
constexpr std::string_view kPrefix = PG_TEMP_FILE_PREFIX ".";
constexpr std::string_view kSetAside = ".damaged"; ///< ends the name of a file that is set aside

/// A lock of the open file itself, which closing gives up, and the end of its process.
struct flock whole_file_lock()
{
	struct flock lock = {};
	lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	return lock;
}

bool try_to_lock(int fd)
{
	struct flock lock = whole_file_lock();
	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

bool is_linked(int fd)
{
	struct stat status;
	errno = 0;
	return fstat(fd, &status) == 0 && status.st_nlink > 0;
}

bool is_locked(int fd)
{
	struct flock lock = whole_file_lock();
	return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

/// pgsql_tmp.DATABASE.PID.NUMBER
std::optional<Oid> database_of(std::string_view name)
{
	if (!name.starts_with(kPrefix) || name.find_first_not_of("0123456789.", kPrefix.size()) != std::string_view::npos)
		return std::nullopt;
	Oid database = InvalidOid;
	auto [end, error] = std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), database);
	return error == std::errc() && end != name.data() + name.size() && *end == '.' ? std::optional(database)
																				   : std::nullopt;
}

/// Calls visit(name) for each file in the directory; for none where there is no directory.
template <typename Visit> void for_each_name(Visit visit)
{
	struct Closer {
		void operator()(DIR *directory) const { closedir(directory); }
	};
	std::unique_ptr<DIR, Closer> directory(opendir(kDirectory));
	while (directory != nullptr) {
		struct dirent const *entry = readdir(directory.get());
		if (entry == nullptr)
			break;
		visit(std::string_view(entry->d_name));
	}
}

bool write_all(JournalFile &file, char const *bytes, std::size_t size)
{
	std::size_t done = 0;
	while (done < size) {
		errno = 0;
		ssize_t written = pwrite(file.fd, bytes + done, size - done, file.size + static_cast<off_t>(done));
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			errno = errno != 0 ? errno : ENOSPC;
			return false;
		}
		done += static_cast<std::size_t>(written);
	}
	file.size += static_cast<std::int64_t>(size);
	return true;
}

/// Behind its end, which stays where it is. True as well where the file system knows nothing of the kind.
bool make_room(JournalFile &file, std::size_t size)
{
	std::int64_t end = file.size + static_cast<std::int64_t>(size);
	if (end <= file.room)
		return true;
	while (fallocate(file.fd, FALLOC_FL_KEEP_SIZE, file.size, static_cast<off_t>(size)) != 0) {
		if (errno != EINTR)
			return errno != ENOSPC && errno != EDQUOT && errno != EFBIG;
	}
	file.room = end;
	return true;
}

void close_file(JournalFile &file)
{
	close(file.fd);
	file.fd = -1;
	file.size = file.room = 0;
	ReleaseExternalFD();
}

/// An empty one would hold what was written of the frame when it is used again.
void drop_if_empty(JournalFile &file)
{
	int error = errno;
	if (file.size == 0)
		remove_journal_file(file);
	errno = error;
}

} // namespace

JournalFile create_journal_file()
{
	static std::uint32_t number = 0; // begins anew where it ends
	if (MakePGDirectory(kDirectory) == 0) {
		fsync_fname(".", true);
	} else if (errno != EEXIST) {
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not create directory \"%s\": %m", kDirectory)));
	}
	for (;;) {
		JournalFile file;
		snprintf(file.path, sizeof file.path, "%s/%s.%u.%d.%u", kDirectory, PG_TEMP_FILE_PREFIX, MyDatabaseId,
				 MyProcPid, ++number);
		file.fd = BasicOpenFile(file.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | PG_BINARY);
		if (file.fd < 0 && errno == EEXIST)
			continue;
		if (file.fd < 0)
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not create file \"%s\": %m", file.path)));
		ReserveExternalFD();
		if (try_to_lock(file.fd) && is_linked(file.fd))
			return file;
		// Who looked for files before it was locked took it for one that was left behind, and removes it.
		int error = errno;
		close_file(file);
		if (error != 0 && error != EAGAIN && error != EACCES) {
			errno = error;
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not lock file \"%s\": %m", file.path)));
		}
	}
}

void append_with_room(JournalFile &file, char const *bytes, std::size_t size, std::size_t room)
{
	bool has_room = make_room(file, size + room);
	if (has_room && write_all(file, bytes, size))
		return;
	drop_if_empty(file);
	if (!has_room)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not extend file \"%s\": %m", file.path)));
	ereport(ERROR, (errcode_for_file_access(), errmsg("could not write file \"%s\": %m", file.path)));
}

void sync_journal_file(JournalFile const &file) noexcept
{
	if (pg_fsync(file.fd) != 0 || !enableFsync)
		return;
	int directory = open(kDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return;
	(void)pg_fsync(directory);
	close(directory);
}

bool try_to_append(JournalFile &file, std::string_view bytes) noexcept
{
	return write_all(file, bytes.data(), bytes.size());
}

void leave_journal_file(JournalFile &file) noexcept
{
	close_file(file);
}

void remove_journal_file(JournalFile &file) noexcept
{
	unlink(file.path); // before the lock is given up: who takes it then sees that the file is gone
	close_file(file);
}

void clear_journal_file(JournalFile &file) noexcept
{
	static constexpr std::array<char, 4096> kZeros{};
	std::int64_t size = file.size;
	file.size = 0;
	while (file.size < size && size <= kMostKept) {
		auto rest = static_cast<std::size_t>(size - file.size);
		if (!write_all(file, kZeros.data(), std::min(rest, kZeros.size())))
			break;
	}
	if (file.size < size) {
		remove_journal_file(file);
	} else {
		file.size = 0;
	}
}

void set_journal_file_aside(JournalFile &file) noexcept
{
	char aside[MAXPGPATH + kSetAside.size()];
	snprintf(aside, sizeof aside, "%s%s", file.path, kSetAside.data());
	if (rename(file.path, aside) != 0)
		unlink(file.path);
	close_file(file);
}

std::vector<JournalFileName> find_journal_files()
{
	std::vector<JournalFileName> names;
	for_each_name([&names](std::string_view name) {
		if (std::optional<Oid> database = database_of(name))
			names.push_back({*database, std::string(kDirectory) + "/" + std::string(name)});
	});
	std::sort(names.begin(), names.end(), [](auto const &a, auto const &b) { return a.path < b.path; });
	return names;
}

std::int64_t count_files_set_aside(Oid database) noexcept
{
	std::int64_t count = 0;
	for_each_name([&count, database](std::string_view name) {
		if (name.ends_with(kSetAside) && database_of(name.substr(0, name.size() - kSetAside.size())) == database)
			count++;
	});
	return count;
}

bool is_left_behind(JournalFileName const &name) noexcept
{
	int fd = open(name.path.c_str(), O_RDWR | O_CLOEXEC | PG_BINARY);
	if (fd < 0)
		return false;
	bool is_free = !is_locked(fd);
	close(fd);
	return is_free;
}

std::optional<JournalFile> take_journal_file(JournalFileName const &name) noexcept
{
	JournalFile file;
	strlcpy(file.path, name.path.c_str(), sizeof file.path);
	file.fd = BasicOpenFile(file.path, O_RDWR | O_CLOEXEC | PG_BINARY);
	if (file.fd < 0)
		return std::nullopt;
	ReserveExternalFD();
	struct stat status;
	if (!try_to_lock(file.fd) || fstat(file.fd, &status) != 0 || status.st_nlink == 0) {
		close_file(file);
		return std::nullopt;
	}
	file.size = status.st_size;
	return file;
}

std::string read_journal_file(JournalFile const &file)
{
	std::string bytes(static_cast<std::size_t>(file.size), '\0');
	std::size_t filled = 0;
	while (filled < bytes.size()) {
		ssize_t size = pread(file.fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(filled));
		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0) {
			call([&] {
				ereport(ERROR, (errcode_for_file_access(), errmsg("could not read file \"%s\": %m", file.path)));
			});
		}
		if (size == 0)
			break;
		filled += static_cast<std::size_t>(size);
	}
	bytes.resize(filled);
	return bytes;
}

} // namespace vero::pg
