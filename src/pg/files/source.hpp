// Where the bytes of an import come from.
#pragma once

#include "core/compression/sha256.hpp"
#include "pg/base/postgres.hpp"

#include <cstdio>

extern "C" {
#include "lib/stringinfo.h"
}

namespace vero::pg {

class Source {
public:
	Source() = default;
	Source(Source const &) = delete;
	Source &operator=(Source const &) = delete;
	virtual ~Source() = default;

	/// Fills as much of `room` as it can; 0 only at the end. Throws Error.
	virtual std::size_t read(std::span<char> room) = 0;
	/// What vero.imports calls it.
	virtual std::string name() const = 0;
	/// Whether that is a name of its own, and not what all of its kind are called.
	virtual bool has_own_name() const { return true; }
	/// A name that says of itself that this is no CSV.
	virtual bool is_named_otherwise() const { return false; }
	/// A line of \. ends the data.
	virtual bool has_end_marker() const { return false; }
	/// How many bytes there are in all; 0: not known.
	virtual std::uint64_t size() const { return 0; }
	/// Of all its bytes, whatever of them was read, which goes on where it was; nothing where they come only once. Can be cancelled. Throws
	/// Error.
	virtual std::optional<Sha256Digest> hash() const { return std::nullopt; }
	/// One of the PROGRESS_COPY_TYPE_ numbers of commands/progress.h.
	virtual int progress_type() const = 0;
};

/// Demands what it takes to name a file of the server: a text that can be a path, or Report (22023) is thrown, and pg_read_server_files, or Error (42501).
void check_file_allowed(std::string const &path);

/// A file on the server, read with the rights of the server's user: the constructor demands what check_file_allowed() does, and that it is no named pipe
/// (42809).
class FileSource : public Source {
public:
	explicit FileSource(std::string path);
	~FileSource() override;

	/// Throws Error (58030) too where the file ends before the place where it ended when it was opened.
	std::size_t read(std::span<char> room) override;
	std::string name() const override { return path_; }
	bool is_named_otherwise() const override;
	std::uint64_t size() const override { return size_; }
	std::optional<Sha256Digest> hash() const override;
	int progress_type() const override;

private:
	void report_unreadable() const;
	void report_cut() const;

	std::string path_;
	std::uint64_t size_ = 0; ///< when it was opened
	std::uint64_t read_ = 0; ///< so many bytes of it were read
	FILE *file_;
};

/// Bytes in memory, which outlive the source.
class BytesSource : public Source {
public:
	explicit BytesSource(std::string_view bytes) : bytes_(bytes), rest_(bytes) {}

	std::size_t read(std::span<char> room) override;
	std::string name() const override { return "content"; }
	bool has_own_name() const override { return false; }
	std::uint64_t size() const override { return bytes_.size(); }
	std::optional<Sha256Digest> hash() const override;
	int progress_type() const override;

private:
	std::string_view bytes_;
	std::string_view rest_; ///< that is not yet read
};

/// What a program on the server prints: the constructor demands pg_execute_server_program (42501).
class ProgramSource : public Source {
public:
	explicit ProgramSource(std::string command);
	~ProgramSource() override;

	/// At the end throws Error (38000) if the program failed.
	std::size_t read(std::span<char> room) override;
	std::string name() const override { return "PROGRAM " + command_; }
	int progress_type() const override;

private:
	std::string command_;
	FILE *pipe_;
};

/// What the client is told of the bytes that it is to send: psql sends text line by line, without NUL bytes and what stands behind them in
/// the line, and only binary data as they are.
enum class ClientForm : unsigned char { text, binary };

/// What the client sends after COPY FROM STDIN, spoken as CopyGetData of src/backend/commands/copyfromparse.c speaks it.
class ClientSource : public Source {
public:
	explicit ClientSource(ClientForm form) : form_(form) {}

	/// The first read asks the client for data: until then an error is one that the client meets before it sends any.
	std::size_t read(std::span<char> room) override;
	std::string name() const override { return "STDIN"; }
	bool has_own_name() const override { return false; }
	bool has_end_marker() const override { return form_ == ClientForm::text; }
	int progress_type() const override;

private:
	/// Fills the room, or as much of it as the client still sends.
	std::size_t receive(std::span<char> room);

	ClientForm form_;
	StringInfoData message_{}; ///< the last one from the client
	std::string held_;		   ///< text that may be the end marker, until it is known whether anything follows
	char last_ = '\n';		   ///< of the text that was handed out
	bool is_asked_ = false;
	bool is_done_ = false;
};

} // namespace vero::pg
