// Where the bytes of an export go.
#pragma once

#include "pg/base/postgres.hpp"

#include <cstdio>

namespace vero::pg {

class ExportSink {
public:
	ExportSink() = default;
	ExportSink(ExportSink const &) = delete;
	ExportSink &operator=(ExportSink const &) = delete;
	virtual ~ExportSink() = default;

	/// Opens it, once it is known that there is something to write. Throws Error.
	virtual void begin() {}
	/// Throws Error.
	virtual void write(std::string_view bytes) = 0;
	/// True where nothing more is wanted.
	virtual bool is_full() const { return false; }
	/// To be called once, last. Throws Error.
	virtual void finish() {}
};

/// COPY TO STDOUT's messages, with the bytes as they are.
class ClientSink : public ExportSink {
public:
	void begin() override;
	void write(std::string_view bytes) override;
	void finish() override;
};

/// A file on the server: demands pg_write_server_files (42501) and an absolute path (42602), as COPY TO does.
class FileSink : public ExportSink {
public:
	explicit FileSink(char const *path) : path_(path) {}
	~FileSink() override;
	void begin() override;
	void write(std::string_view bytes) override;
	void finish() override;

private:
	char const *path_;
	FILE *file_ = nullptr;
};

/// A program on the server: demands pg_execute_server_program (42501).
class ProgramSink : public ExportSink {
public:
	explicit ProgramSink(char const *command) : command_(command) {}
	~ProgramSink() override;
	void begin() override;
	void write(std::string_view bytes) override;
	void finish() override;

private:
	char const *command_;
	FILE *pipe_ = nullptr;
};

class MemorySink : public ExportSink {
public:
	/// It is full with more bytes than `limit`.
	explicit MemorySink(std::size_t limit) : limit_(limit) {}
	void write(std::string_view bytes) override { bytes_ += bytes; }
	bool is_full() const override { return bytes_.size() > limit_; }
	std::string take() { return std::move(bytes_); }

private:
	std::size_t limit_;
	std::string bytes_;
};

} // namespace vero::pg
