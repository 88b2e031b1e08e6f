// Where the bytes of an import come from.
#include "pg/files/source.hpp"

#include "core/compression/compression.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "pg/base/boundary.hpp"

#include <sys/stat.h>
#include <unistd.h>

extern "C" {
#include "catalog/pg_authid.h"
#include "commands/progress.h"
#include "storage/fd.h"
#include "utils/acl.h"
}

namespace vero::pg {
namespace {

constexpr std::size_t kShownOfPath = 60; ///< characters
constexpr std::size_t kHashedAtOnce = std::size_t{1024} * 1024;

/// Content that was taken for a path, as an untyped parameter is, would be told to the client and to the log in full.
void require_path(std::string const &path)
{
	char const *reason = path.find_first_of("\r\n") != std::string::npos ? "It has line breaks."
						 : path.size() >= MAXPGPATH						 ? "It is longer than 1023 bytes."
																		 : nullptr;
	if (reason != nullptr) {
		throw Report{ERRCODE_INVALID_PARAMETER_VALUE,
					 "\"" + to_visible(clip(to_printable(path), kShownOfPath)) + "\" is not the path of a file", reason,
					 "What a file holds is passed as bytes: import_events_csv(content => ...), or COPY FROM STDIN."};
	}
}

void require_server_files_role()
{
	if (!has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES)) {
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser or have privileges of the pg_read_server_files role to import a file of the "
						"server"),
				 errhint("Anyone who may INSERT into vero.events can import bytes: import_events_csv(content => ...), "
						 "COPY FROM STDIN, "
						 "psql's \\copy.")));
	}
}

/// To open one waits for somebody who writes it, and neither a cancel nor a timeout ends that.
void refuse_named_pipe(char const *path)
{
	struct stat status;
	if (stat(path, &status) == 0 && S_ISFIFO(status.st_mode)) {
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is a named pipe", path),
						errhint("COPY vero.events FROM PROGRAM 'cat ...' reads one, as does psql's \\copy.")));
	}
}

FILE *open_file(char const *path, std::uint64_t *size)
{
	refuse_named_pipe(path);
	FILE *file = AllocateFile(path, PG_BINARY_R);
	struct stat status;
	if (file == nullptr || fstat(fileno(file), &status) != 0) {
		ereport(
			ERROR,
			(errcode_for_file_access(), errmsg("could not open file \"%s\" for reading: %m", path),
			 errhint("Files are read on the server, by the server's user. psql's \\copy reads one of the client.")));
	}
	if (S_ISDIR(status.st_mode))
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is a directory", path)));
	*size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
	return file;
}

} // namespace

void check_file_allowed(std::string const &path)
{
	require_path(path);
	call(require_server_files_role);
}

FileSource::FileSource(std::string path) : path_(std::move(path))
{
	check_file_allowed(path_);
	char const *name = path_.c_str();
	file_ = call([&] { return open_file(name, &size_); });
}

FileSource::~FileSource()
{
	FreeFile(file_);
}

std::size_t FileSource::read(std::span<char> room)
{
	std::size_t size = std::fread(room.data(), 1, room.size(), file_);
	if (std::ferror(file_) != 0)
		report_unreadable();
	read_ += size;
	if (size == 0 && read_ < size_)
		report_cut();
	return size;
}

std::optional<Sha256Digest> FileSource::hash() const
{
	if (size_ == 0)
		return std::nullopt; // a device, perhaps
	std::vector<char> room(kHashedAtOnce);
	Sha256 hash;
	for (std::uint64_t done = 0;;) {
		check_for_interrupts();
		ssize_t size = pread(fileno(file_), room.data(), room.size(), static_cast<off_t>(done));
		if (size < 0)
			report_unreadable();
		if (size <= 0)
			return hash.digest();
		hash.add({room.data(), static_cast<std::size_t>(size)});
		done += static_cast<std::uint64_t>(size);
	}
}

void FileSource::report_unreadable() const
{
	char const *name = path_.c_str();
	call([name] { ereport(ERROR, (errcode_for_file_access(), errmsg("could not read file \"%s\": %m", name))); });
}

void FileSource::report_cut() const
{
	char const *name = path_.c_str();
	call([&] {
		ereport(ERROR,
				(errcode(ERRCODE_IO_ERROR), errmsg("the file was cut while it was read"),
				 errdetail("\"%s\" had " UINT64_FORMAT " bytes when it was opened, and ended after " UINT64_FORMAT ".",
						   name, size_, read_),
				 errhint("Import a file when it is complete and nobody writes it any more.")));
	});
}

bool FileSource::is_named_otherwise() const
{
	return std::none_of(kCompressions.begin(), kCompressions.end(), [this](Compression compression) {
		std::string const ending = ".csv" + std::string(file_ending(compression));
		return path_.size() >= ending.size() &&
			   is_in_any_case(std::string_view(path_).substr(path_.size() - ending.size()), ending);
	});
}

std::size_t BytesSource::read(std::span<char> room)
{
	std::size_t size = std::min(room.size(), rest_.size());
	std::copy_n(rest_.data(), size, room.data());
	rest_.remove_prefix(size);
	return size;
}

std::optional<Sha256Digest> BytesSource::hash() const
{
	Sha256 hash;
	for (std::size_t done = 0; done < bytes_.size(); done += kHashedAtOnce) {
		check_for_interrupts();
		hash.add(bytes_.substr(done, kHashedAtOnce));
	}
	return hash.digest();
}

int FileSource::progress_type() const
{
	return PROGRESS_COPY_TYPE_FILE;
}

int BytesSource::progress_type() const
{
	return PROGRESS_COPY_TYPE_CALLBACK;
}

} // namespace vero::pg
