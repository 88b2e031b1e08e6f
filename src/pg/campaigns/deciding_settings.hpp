// The settings under which jobs are decided.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// For the length of a scope. An ERROR undoes them as the (sub)transaction ends.
class DecidingSettings {
public:
	/// Throws Error.
	DecidingSettings();
	DecidingSettings(DecidingSettings const &) = delete;
	DecidingSettings &operator=(DecidingSettings const &) = delete;
	/// To be called once, where none passed. Throws Error.
	void end() const;

private:
	int level_;
};

} // namespace vero::pg
