// Tells this data directory from every copy of it.
#include "pg/outbox/data_directory.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/compat.hpp"
#include "pg/base/random.hpp"
#include "pg/outbox/descriptor.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include "access/xlog.h"
#include "common/file_perm.h"
#include "storage/fd.h"
}

namespace vero::pg {
namespace {

constexpr char const *kInstanceFile = PG_TEMP_FILE_PREFIX "_vero_events_instance";
constexpr char const *kNewInstanceFile = PG_TEMP_FILE_PREFIX "_vero_events_instance.new";
constexpr std::string_view kStandby = "standby\n";
constexpr std::size_t kUuidSize = 36;
/// What make_file() writes at most, and a byte more: what stands behind is not that.
constexpr std::size_t kMaxSize = kUuidSize +
								 std::string_view("\n18446744073709551615.-9223372036854775808.4294967295\n").size() +
								 kStandby.size() + 1;

/// What no copy of the file has: which file it is, and when that was born, where the file system knows.
std::string body_of(int fd)
{
	struct statx status = {};
	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &status) != 0)
		return "";
	std::string body = std::to_string(status.stx_ino);
	if ((status.stx_mask & STATX_BTIME) != 0)
		body += "." + std::to_string(status.stx_btime.tv_sec) + "." + std::to_string(status.stx_btime.tv_nsec);
	return body;
}

/// Two lines, the id and the file's body, and perhaps a third.
std::optional<Instance> read_file(int fd)
{
	std::string text(kMaxSize, '\0');
	ssize_t size = pread(fd, text.data(), text.size(), 0);
	std::string body = body_of(fd);
	if (size <= 0 || body.empty())
		return std::nullopt;
	text.resize(static_cast<std::size_t>(size));
	std::size_t end = text.find('\n');
	if (end != kUuidSize || text.find_first_not_of("0123456789abcdef-") != end)
		return std::nullopt;
	std::string_view rest = std::string_view(text).substr(end);
	body = "\n" + body + "\n";
	if (!rest.starts_with(body))
		return std::nullopt;
	return Instance{text.substr(0, end), rest.substr(body.size()) == kStandby};
}

bool write_text(int fd, std::string const &text)
{
	return write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && pg_fsync(fd) == 0;
}

/// Takes the place of whatever is there, all at once. False with errno.
bool make_file(std::string_view standby)
{
	unlink(kNewInstanceFile);
	Descriptor file(open(kNewInstanceFile, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, pg_file_create_mode));
	std::string text = make_uuid() + "\n" + body_of(file.get()) + "\n" + std::string(standby);
	return file.is_open() && write_text(file.get(), text) && durable_rename(kNewInstanceFile, kInstanceFile, LOG) == 0;
}

/// One at a time makes or changes it.
Descriptor lock_directory()
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		flock(fd, LOCK_EX);
	return Descriptor(fd);
}

bool is_standby_signalled()
{
	struct stat status;
	return stat(STANDBY_SIGNAL_FILE, &status) == 0;
}

/// Under a new name, as a file cannot be changed all at once: the mark is what counts from now on.
bool mark_standby()
{
	Descriptor lock = lock_directory();
	std::optional<Instance> instance = find_instance();
	return (instance && instance->was_standby) || make_file(kStandby);
}

} // namespace

std::optional<Instance> find_instance()
{
	Descriptor file(open(kInstanceFile, O_RDONLY | O_CLOEXEC));
	return file.is_open() ? read_file(file.get()) : std::nullopt;
}

Instance require_instance()
{
	Descriptor lock = lock_directory();
	std::optional<Instance> instance = find_instance();
	if (!instance && make_file(""))
		instance = find_instance();
	if (!instance) {
		call([] {
			ereport(ERROR, (errcode_for_file_access(), errmsg("could not write file \"%s\": %m", kInstanceFile)));
		});
	}
	return *instance;
}

void note_standby()
{
	if (!is_standby_signalled())
		return;
	bool is_marked = false;
	try {
		is_marked = mark_standby();
	} catch (Report const &) {
		errno = EAGAIN; // no randomness
	} catch (std::bad_alloc const &) {
		errno = ENOMEM;
	}
	if (!is_marked)
		ereport(LOG, (errcode_for_file_access(), errmsg("could not write file \"%s\": %m", kInstanceFile)));
}

} // namespace vero::pg
