// The files in which running imports are written down: one for each session that imports, locked while its process lives.
//
// They lie in a directory of the extension's own in the data directory. A lock goes with its process, however that ends: a file
// that nobody locks is what is left of a session. Names begin as those of PostgreSQL's temporary files, so that base backups
// leave them out: what runs in the original does not run in the copy.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// An open file with this process's lock on it. Plain data, as it lives from one transaction's callback to the next.
struct JournalFile {
	int fd = -1;		   ///< -1: none
	std::int64_t size = 0; ///< of what was appended; what is behind is zeros or not there
	std::int64_t room = 0; ///< bytes that the disk has for it
	char path[MAXPGPATH] = {};
};

/// A new one of this database. To be called in call().
JournalFile create_journal_file();

/// Appends, which outlives this process. Of `room` bytes that are to be appended later it makes sure that the disk has them, where the
/// file system can promise that. To be called in call(). Where it fails, the file is as before, or gone where it was empty.
void append_with_room(JournalFile &file, char const *bytes, std::size_t size, std::size_t room);

/// Has what was appended outlive a crash of the machine, as far as the disk can be had to, and fsync is on. May be called in a
/// signal's handler.
void sync_journal_file(JournalFile const &file) noexcept;

/// Appends without waiting for the disk; false where it cannot, which it can as far as room was made. The file is as before then.
bool try_to_append(JournalFile &file, std::string_view bytes) noexcept;

/// Gives the lock up and leaves the file to whoever finds it.
void leave_journal_file(JournalFile &file) noexcept;
void remove_journal_file(JournalFile &file) noexcept;
/// Strikes out all that is in it and keeps it, with lock and room: a new file costs fifty times as much. One that cannot be written, or has
/// grown large, is removed.
void clear_journal_file(JournalFile &file) noexcept;
/// Renames it so that it is not found any more.
void set_journal_file_aside(JournalFile &file) noexcept;

struct JournalFileName {
	Oid database;
	std::string path;
};

/// All there are, locked or not. Throws std::bad_alloc only.
std::vector<JournalFileName> find_journal_files();

/// How many files of a database are set aside.
std::int64_t count_files_set_aside(Oid database) noexcept;

/// True where its process is gone; takes no lock. No PostgreSQL needed.
bool is_left_behind(JournalFileName const &name) noexcept;

/// Takes one that was left behind, with its lock; nothing where it is locked or gone by now.
std::optional<JournalFile> take_journal_file(JournalFileName const &name) noexcept;

/// All of its bytes. Throws Error.
std::string read_journal_file(JournalFile const &file);

} // namespace vero::pg
