// How PostgreSQL runs a statement inside the server. Statements that are constants of the program go through pg/sql/statement.hpp.
#pragma once

#include "pg/base/hooks.hpp"

extern "C" {
#include "executor/spi.h"
}

namespace vero::pg {

/// A connection to SPI for the length of a scope; PostgreSQL ends it itself where an ERROR passes. Statements live as long.
class SpiConnection {
public:
	SpiConnection();
	SpiConnection(SpiConnection const &) = delete;
	SpiConnection &operator=(SpiConnection const &) = delete;
	~SpiConnection();

private:
	int exceptions_;
};

/// What a statement returned or changed. `rows` is valid as long as the SpiConnection, null where it returns none.
struct Executed {
	SPITupleTable *rows;
	std::uint64_t count;
};

/// When a prepared statement is planned: anew for each execution, so that the planner sees the sizes of array parameters and how large tables
/// are by now, or once, for whatever the parameters are, where there is nothing to choose.
enum class Planned : unsigned char { each_time, once };

/// To be called in call().
SPIPlanPtr prepare_statement(char const *sql, std::span<Oid const> types, Planned planned = Planned::each_time);

/// To be called in call(), as all of these, which keep the statement's text out of the context of errors, and of what else is reported.
/// Sees what was committed until now. In a UserSwitch's scope nothing that a third party put on a table is run: that raises 42501.
Executed execute_statement(SPIPlanPtr plan, Datum *values, char const *nulls);

/// For fetch_rows(). A plan that is only for reading needs no snapshot of its own: it sees what the
/// statement that called us sees.
enum class CursorSees : unsigned char { what_the_caller_does, what_was_committed };
Portal open_cursor(SPIPlanPtr plan, Datum *values, char const *nulls, CursorSees sees);

/// A part of the utility hook: what keeps a planned statement's text out of the context has its place in the planner.
void keep_utility_out_of_context(UtilityCall const &call);

/// The next rows, `most` of them; 0: there are no more. By who opened it.
Executed fetch_rows(Portal portal, long most);

} // namespace vero::pg
