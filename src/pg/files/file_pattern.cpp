// Which files of the server paths name that may have wildcards.
#include "pg/files/file_pattern.hpp"

#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/files/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fnmatch.h>
#include <sys/stat.h>

extern "C" {
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/fd.h"
}

namespace vero::pg {
namespace {

// What looks at directories is jumped over by errors, so it is plain C.

bool has_wildcard(char const *text)
{
	return strpbrk(text, "*?[") != nullptr;
}

bool is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

List *add_name(List *names, char *name)
{
	if (list_length(names) >= kMaxFiles) {
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("a pattern matches more than %d files", kMaxFiles)));
	}
	return lappend(names, name);
}

/// What there is in a directory, a text that is empty or ends in a slash; nothing where it is none.
List *matching_names(char const *directory, char const *pattern)
{
	List *names = NIL;
	DIR *listing = AllocateDir(*directory == '\0' ? "." : directory);
	if (listing == nullptr && is_missing(errno))
		return NIL;
	while (dirent *entry = ReadDir(listing, directory)) {
		CHECK_FOR_INTERRUPTS();
		bool is_directory_itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
		if (!is_directory_itself && fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0)
			names = add_name(names, pstrdup(entry->d_name));
	}
	FreeDir(listing);
	return names;
}

void unescape_pattern(char *text)
{
	char *end = text;
	for (char const *at = text; *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		*end++ = *at;
	}
	*end = '\0';
}

/// What cannot be looked at is a file: to open it tells why.
bool is_file(char const *path)
{
	struct stat status;
	if (stat(path, &status) == 0)
		return S_ISREG(status.st_mode);
	return !is_missing(errno) || lstat(path, &status) == 0;
}

/// Adds the files in `directory` that match `pattern`, whose parts stand between slashes.
List *add_matches(List *files, char const *directory, char const *pattern)
{
	check_stack_depth();
	char const *rest = strchr(pattern, '/');
	char *part = rest == nullptr ? pstrdup(pattern) : pnstrdup(pattern, static_cast<Size>(rest - pattern));
	List *names = NIL;
	if (has_wildcard(part)) {
		names = matching_names(directory, part);
	} else {
		unescape_pattern(part);
		names = list_make1(part);
	}
	for (int i = 0; i < list_length(names); i++) {
		char *path = psprintf("%s%s%s", directory, static_cast<char *>(list_nth(names, i)), rest == nullptr ? "" : "/");
		if (rest != nullptr) {
			files = add_matches(files, path, rest + 1);
		} else if (is_file(path)) {
			files = add_name(files, path);
		}
	}
	return files;
}

bool is_there(std::string const &path)
{
	struct stat status;
	return lstat(path.c_str(), &status) == 0;
}

/// A file whose name was found, and not given by somebody in a statement.
void require_text(std::string const &file)
{
	int length = static_cast<int>(file.size());
	char const *bytes = file.c_str();
	if (!call([=] { return pg_verify_mbstr(GetDatabaseEncoding(), bytes, length, true); })) {
		throw Report{ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
					 "the name of the file \"" + to_visible(to_printable(file)) + "\" is not valid in encoding \"" +
						 GetDatabaseEncodingName() + "\"",
					 "", "Rename it, or use a pattern that does not match it."};
	}
	check_file_allowed(file);
}

void add_files(std::vector<std::string> &files, std::string const &path)
{
	check_file_allowed(path);
	char const *pattern = path.c_str();
	if (!has_wildcard(pattern) || is_there(path)) {
		files.push_back(path);
		return;
	}
	List *found = call([=] { return add_matches(NIL, "", pattern); });
	if (found == NIL) {
		throw Report{ERRCODE_UNDEFINED_FILE, "no file matches \"" + path + "\"", "",
					 "In a path * stands for any characters, ? for one, and [...] for one of those in the brackets. "
					 "Files are looked for on the server, by the server's user."};
	}
	for (int i = 0; i < list_length(found); i++) {
		files.emplace_back(static_cast<char *>(list_nth(found, i)));
		require_text(files.back());
	}
}

} // namespace

std::vector<std::string> find_files(std::vector<std::string> const &paths)
{
	std::vector<std::string> files;
	for (std::string const &path : paths) {
		add_files(files, path);
		if (files.size() > kMaxFiles) {
			throw Report{ERRCODE_PROGRAM_LIMIT_EXCEEDED,
						 "more than " + group_digits(kMaxFiles) + " files are named at a time", "", ""};
		}
	}
	std::sort(files.begin(), files.end());
	files.erase(std::unique(files.begin(), files.end()), files.end());
	return files;
}

} // namespace vero::pg
