// Statements run inside the server.
#pragma once

#include "pg/postgres.hpp"

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

/// To be called in call(): plans a statement anew for each execution, so that the planner sees the sizes of array parameters.
/// Every name in `sql`, operators too, is qualified: it may run as the owner under any search_path.
SPIPlanPtr prepare_statement(char const *sql, std::span<Oid const> types);

/// To be called in call(): `expected` is an SPI_OK_ code. Sees what was committed until now.
void execute_statement(SPIPlanPtr plan, Datum *values, char const *nulls, int expected);

} // namespace vero::pg
