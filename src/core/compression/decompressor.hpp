// Reads an archive as a stream, and finds out what is wrong with it, and where.
#pragma once

#include "core/compression/compression.hpp"
#include "core/compression/decoder.hpp"
#include "core/compression/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace vero {

/// What is thrown where an archive cannot be read on. Its words are for people.
class ArchiveError : public std::exception {
public:
	enum class Kind : unsigned char { damaged, refused };

	ArchiveError(Kind kind, std::string words, std::string hint)
		: kind_(kind), words_(std::move(words)), hint_(std::move(hint))
	{
	}
	char const *what() const noexcept override { return words_.c_str(); }
	Kind kind() const { return kind_; }
	std::string const &hint() const { return hint_; }

private:
	Kind kind_;
	std::string words_;
	std::string hint_; ///< may be empty
};

/// What an archive may become without a question, and how many times its own size beyond that.
struct GrowthLimits {
	std::uint64_t bytes = std::uint64_t{1} << 30;
	std::uint64_t times = 1000;
};

/// Turns compressed bytes, however they are cut into chunks, into text, in pieces as large as the caller likes. What comes out depends on the
/// bytes alone. It holds one chunk and what the format wants for itself, 8 MB at most.
class Decompressor {
public:
	/// Not for Compression::none.
	explicit Decompressor(Compression compression, GrowthLimits const &limits = {});

	/// Room for `size` more compressed bytes, to be filled and then committed. To be called where read() has nothing more to give.
	std::span<char> prepare(std::size_t size);
	/// Takes over the first `size` bytes of what prepare() lent.
	void commit(std::size_t size);
	/// No more bytes will come. Throws ArchiveError if the archive does not end here.
	void finish();

	/// Fills `room` from the front and says how far; 0 where more bytes are needed. Throws ArchiveError.
	std::size_t read(std::span<char> room);

	/// Of the text that came out.
	std::uint64_t bytes_out() const { return bytes_out_; }
	/// SHA-256 of it, so far.
	Sha256Digest digest() const { return hash_.digest(); }
	bool is_finished() const { return is_finished_; }

private:
	[[noreturn]] void fail(ArchiveFault const &fault) const;
	void check_growth() const;

	Compression compression_;
	GrowthLimits limits_;
	std::unique_ptr<Decoder> decoder_;
	std::vector<char> chunk_;
	std::size_t begin_ = 0; ///< of what is not yet used of the chunk
	std::size_t end_ = 0;
	std::uint64_t bytes_in_ = 0; ///< that were used
	std::uint64_t bytes_out_ = 0;
	Sha256 hash_;
	bool is_finished_ = false;
};

} // namespace vero
