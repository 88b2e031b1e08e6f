// Procedures that commit while they run.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// Demands that the procedure, `name` with its parentheses, was called where it may end the transaction. Throws Report (25001) with this detail and hint.
void require_no_transaction(FunctionCallInfo fcinfo, std::string const &name, char const *detail, char const *hint);

/// Connects to SPI so that SPI_commit() may be called, until SPI_finish(). PostgreSQL ends the connection itself where an ERROR passes. Throws Error.
void connect_without_transaction();

} // namespace vero::pg
