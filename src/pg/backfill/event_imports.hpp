// The imports that brought stored events, kept from being undone while the events get jobs.
#pragma once

#include "pg/campaigns/job_scheduler.hpp"

#include <unordered_map>

namespace vero::pg {

/// Who undoes an import holds its row while it cancels the jobs that there are: with the row locked here, it waits, and finds the new ones too.
class EventImports {
public:
	explicit EventImports(Catalog const &catalog) : catalog_(catalog) {}

	/// Locks the imports of these events until the end of the transaction, and takes out the events whose import was undone: they are about to go. An event whose
	/// import is in vero.imports no longer is of none. Throws Error.
	void admit(std::vector<TriggeringEvent> &events);

private:
	enum class Fate : unsigned char { there, undone, gone };

	void lock(std::vector<std::int64_t> const &imports);

	Catalog catalog_;
	std::unordered_map<std::int64_t, Fate> fates_; ///< of those that were met
};

} // namespace vero::pg
