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

/// A value, not null, of a row that SPI fetched. To be called in call(), as all of these.
inline Datum datum_value(SPITupleTable const *rows, std::size_t row, int column)
{
	bool is_null;
	return SPI_getbinval(rows->vals[row], rows->tupdesc, column, &is_null);
}

inline std::int64_t int8_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return DatumGetInt64(datum_value(rows, row, column));
}

/// Nothing where it is null.
inline std::optional<std::int64_t> optional_int8_value(SPITupleTable const *rows, std::size_t row, int column)
{
	bool is_null;
	Datum value = SPI_getbinval(rows->vals[row], rows->tupdesc, column, &is_null);
	return is_null ? std::nullopt : std::optional(DatumGetInt64(value));
}

/// A text or bytea, valid as long as SPI's memory; nothing where it is null.
std::optional<std::string_view> text_value(SPITupleTable const *rows, std::size_t row, int column);

} // namespace vero::pg
