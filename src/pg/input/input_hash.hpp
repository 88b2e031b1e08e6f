// SHA-256 of the bytes of a source.
#pragma once

#include "core/compression/sha256.hpp"
#include "pg/base/postgres.hpp"

extern "C" {
#include "common/cryptohash.h"
}

namespace vero::pg {

/// By the core where the processor has instructions for it, which any thread may do; else by PostgreSQL, whose library takes others.
class InputHash {
public:
	/// Throws Error.
	InputHash();
	InputHash(InputHash const &) = delete;
	InputHash &operator=(InputHash const &) = delete;
	~InputHash();

	void add(std::span<char const> bytes);
	/// What another thread may add to instead; null where none may.
	Sha256 *movable() { return context_ == nullptr ? &hash_ : nullptr; }
	/// Of all that was added: nothing is added any more.
	Sha256Digest digest();

private:
	pg_cryptohash_ctx *context_; ///< null: the core's
	Sha256 hash_;
	std::optional<Sha256Digest> digest_;
};

} // namespace vero::pg
