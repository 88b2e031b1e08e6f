// The name and password for the SMTP server's AUTH, out of a file.
#include "pg/sending/smtp_secret.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace vero::pg {
namespace {

tl::unexpected<std::string> failure(char const *words)
{
	return tl::make_unexpected<std::string>(words);
}

/// Whether the file is fit to hold a secret. What belongs to root may be read by a group, as with PostgreSQL's ssl_key_file.
Result<void> check_file(int fd)
{
	struct stat status;
	if (fstat(fd, &status) != 0)
		return failure(std::strerror(errno));
	if (!S_ISREG(status.st_mode))
		return failure("it is not a file");
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return failure("it must belong to the server's user or to root");
	bool is_root = status.st_uid == 0 && geteuid() != 0;
	if ((status.st_mode & (is_root ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO)) != 0)
		return failure("others than its owner may read or write it: its mode must be 0600 or less");
	return {};
}

/// The next line, and away with it.
std::string take_line(std::string_view &text)
{
	std::size_t end = text.find('\n');
	std::string_view line = text.substr(0, end);
	text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
	return std::string(line.substr(0, line.size() - (line.ends_with('\r') ? 1 : 0)));
}

Result<SmtpSecret> read_lines(std::string_view text)
{
	std::string first = take_line(text);
	SmtpSecret secret = text.empty() ? SmtpSecret{"", first} : SmtpSecret{first, take_line(text)};
	if (secret.password.empty())
		return failure("it has no password");
	if (!text.empty())
		return failure("it has more than two lines");
	return secret;
}

} // namespace

Result<SmtpSecret> read_smtp_secret(std::string const &path)
{
	constexpr std::size_t kMaxSize = 4096;
	int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return failure(std::strerror(errno));
	std::array<char, kMaxSize + 1> bytes;
	Result<void> checked = check_file(fd);
	ssize_t size = checked ? read(fd, bytes.data(), bytes.size()) : 0;
	if (size < 0)
		checked = failure(std::strerror(errno));
	close(fd);
	if (!checked)
		return tl::make_unexpected(std::move(checked.error()));
	if (static_cast<std::size_t>(size) > kMaxSize)
		return failure("it is larger than 4 kB");
	return read_lines({bytes.data(), static_cast<std::size_t>(size)});
}

} // namespace vero::pg
