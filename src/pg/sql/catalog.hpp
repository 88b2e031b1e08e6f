// The extension's own tables and who owns them.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "access/attnum.h"
#include "utils/syscache.h"
}

namespace vero::pg {

struct Catalog {
	Oid contacts;
	Oid events;
	Oid imports;
	Oid rejected_rows;
	Oid trigger_jobs;
	Oid messages;
	Oid campaigns;
	Oid import_profiles;
	Oid suppressions;
	Oid delivery;
	Oid mail_stops;
	Oid owner;			 ///< of all of them: bookkeeping is written as this role
	bool is_distributed; ///< the events, by Citus
};

/// Members of the extension, each of them. Throws Error (42704, 42P01, 55000) where it is not installed, not whole, the tables
/// have different owners, or this is a node of a Citus cluster but not its coordinator.
Catalog find_catalog();

/// The cluster's system identifier (pg_control_system()), as columns have it.
std::int64_t this_cluster();

/// Is another one as soon as PostgreSQL has told of a change to one of these tables, to what is on them, or to a schema, since the first
/// find_catalog().
std::uint64_t catalog_version();

/// True for one of those that find_catalog() found last, while that is known to be good.
bool is_catalog_table(Oid table);

/// What is found out about relations that find_catalog() finds, and is good for as long as catalog_version() is the same: one of static duration for
/// each question. Of others nothing is remembered.
template <class Answer> class Remembered {
public:
	/// The answer that `find` gives, which is asked where it is not known. An ERROR may jump over it.
	template <class Find> Answer of(Oid relation, Find &&find)
	{
		if (!is_catalog_table(relation))
			return find();
		std::uint64_t version = catalog_version(); // what changes meanwhile is looked up the next time
		auto is_asked = [&](Known const &one) { return one.relation == relation && one.version == version; };
		if (auto one = std::find_if(known_.begin(), known_.end(), is_asked); one != known_.end())
			return one->answer;
		Known found{relation, version, find()};
		std::rotate(known_.begin(), known_.end() - 1, known_.end());
		known_[0] = found;
		return found.answer;
	}

private:
	struct Known {
		Oid relation = InvalidOid;
		std::uint64_t version = 0;
		Answer answer{};
	};

	std::array<Known, 8> known_{};
};

/// Of what a system catalog has a row for: `cache` finds that by the OID, and `column` is the one for the owner. To be called in call().
Oid owner_of(Oid object, SysCacheIdentifier cache, AttrNumber column);

/// Runs the rest of a scope as another role: under a search_path of its own, so that nothing of the caller's is found by name, and as
/// a security-restricted operation, in which PostgreSQL refuses what would outlast it (deferred triggers, temporary tables, SET ROLE).
/// Settings that are made within it end with it. Lives in call()'s function only: an ERROR need not undo it, as PostgreSQL does that
/// when it aborts the (sub)transaction.
struct UserSwitch {
	Oid user;
	int security_context;
	int settings_level;

	/// A statement is prepared in the scope that executes it, or is analysed once more.
	static UserSwitch become(Oid role);
	void undo() const;
};

/// Does `work` as the owner of the extension's tables. To be called in call(), as UserSwitch is.
template <class Work> std::invoke_result_t<Work> as_owner(Catalog const &catalog, Work &&work)
{
	UserSwitch caller = UserSwitch::become(catalog.owner);
	if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
		work();
		caller.undo();
	} else {
		auto result = work();
		caller.undo();
		return result;
	}
}

} // namespace vero::pg
