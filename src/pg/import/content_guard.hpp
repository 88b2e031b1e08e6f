// Tells that a file's content was imported before, be it by an import that has not ended yet.
#pragma once

#include "core/compression/sha256.hpp"
#include "pg/sql/catalog.hpp"

#include <cstdint>
#include <optional>

extern "C" {
#include "utils/resowner.h"
}

namespace vero::pg {

struct EarlierImport {
	std::int64_t id = 0;
	std::int64_t started_at_us = 0; ///< since 1970-01-01 00:00 UTC
};

/// Keeps two imports of the same content from passing one another: between find() and release() others that look for it wait.
///
/// What counts is the row in vero.imports, committed or not: one who finds the row of a transaction that has not ended waits for that. So the
/// lock is needed only until the import has its own row, and a transaction that imports many files holds one at a time.
class ContentGuard {
public:
	explicit ContentGuard(Catalog const &catalog) : catalog_(catalog) {}
	ContentGuard(ContentGuard const &) = delete;
	ContentGuard &operator=(ContentGuard const &) = delete;

	/// Whether an import counts, and is committed, whose file had so many bytes. Throws Error.
	bool has_size(std::uint64_t bytes) const;
	/// Such an import of the same bytes, as they came, be they an archive or not. Where there is none, find() may yet find one. Throws Error.
	std::optional<EarlierImport> find_bytes(std::uint64_t bytes, Sha256Digest const &hash) const;
	/// An import of this content of which events are stored; nothing where there is none, and then the lock is held. Failed and dry runs
	/// do not count, nor who imported it. To be called once. Throws Error.
	std::optional<EarlierImport> find(Sha256Digest const &content);
	/// The import's row is there, or will not be. Throws Error.
	void release();

private:
	void lock();

	Catalog const &catalog_;
	ResourceOwner owner_ =
		CurrentResourceOwner; ///< the caller's: the lock outlives the part of the transaction in which it was taken
	std::optional<std::int64_t> key_; ///< of the lock that is held
};

} // namespace vero::pg
