// A file descriptor for the length of a scope.
#pragma once

#include <unistd.h>

namespace vero::pg {

/// Closes at the end of a scope, and gives up the lock.
class Descriptor {
public:
	explicit Descriptor(int fd) : fd_(fd) {}
	Descriptor(Descriptor const &) = delete;
	Descriptor &operator=(Descriptor const &) = delete;
	~Descriptor()
	{
		if (fd_ >= 0)
			close(fd_);
	}
	bool is_open() const { return fd_ >= 0; }
	int get() const { return fd_; }

private:
	int fd_;
};

} // namespace vero::pg
