// How far an import has come, as pg_stat_progress_copy shows it.
#pragma once

#include "pg/files/source.hpp"

namespace vero::pg {

/// Has pg_stat_progress_copy show the import for the length of a scope. PostgreSQL ends it itself where the transaction ends.
class Progress {
public:
	Progress(Oid table, Source const &source, std::int64_t import_id);
	Progress(Progress const &) = delete;
	Progress &operator=(Progress const &) = delete;
	~Progress();

	/// Shows it again, so far, where a rollback of a part of the transaction has ended that.
	void go_on(std::uint64_t bytes, std::int64_t imported, std::int64_t rejected) const;
	/// Shows how many records were imported and rejected so far.
	static void note_rows(std::int64_t imported, std::int64_t rejected);
	static void note_bytes(std::uint64_t bytes);

private:
	void start() const;

	Oid table_;
	Source const &source_;
	std::int64_t import_id_;
};

} // namespace vero::pg
