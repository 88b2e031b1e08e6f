// What functions of SQL ask of their arguments.
#pragma once

#include "pg/base/boundary.hpp"

extern "C" {
#include "fmgr.h"
}

namespace vero::pg {

/// Throws Report (22004) where the argument, which people know by this name, is null.
inline void require_argument(FunctionCallInfo fcinfo, int argument, char const *name)
{
	if (PG_ARGISNULL(argument))
		throw Report{ERRCODE_NULL_VALUE_NOT_ALLOWED, std::string("\"") + name + "\" must not be null", "", ""};
}

} // namespace vero::pg
