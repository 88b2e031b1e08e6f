// Statements run inside the server.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "utils/timestamp.h"
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

/// To be called in call(), as all of these, which keep the statement's text out of the context of errors, and of what else is reported: `expected` is an SPI_OK_ code.
/// Sees what was committed until now. In a UserSwitch's scope nothing that a third party put on a table is run: that raises 42501.
void execute_statement(SPIPlanPtr plan, Datum *values, char const *nulls, int expected);

/// Both at once, as that role (UserSwitch). In call(), too.
void execute_as(Oid role, char const *sql, std::span<Oid const> types, Datum *values, int expected,
				char const *nulls = nullptr);

/// For fetch_rows(). None of the values is null. A plan that is only for reading needs no snapshot of its own: it sees what the
/// statement that called us sees.
enum class CursorSees : unsigned char { what_the_caller_does, what_was_committed };
Portal open_cursor(SPIPlanPtr plan, Datum *values, CursorSees sees = CursorSees::what_the_caller_does);

/// The next rows into SPI_tuptable, `most` of them, and says how many; 0: there are no more. By who opened it.
std::uint64_t fetch_rows(Portal portal, long most);

/// Of a row that SPI fetched: a column's value, nothing where it is null. Raises 42804 where the column is of another type than `type`
/// and not stored alike: a table's columns may have been given other types. To be called in call(), as all of these.
std::optional<Datum> optional_value(SPITupleTable const *rows, std::size_t row, int column, Oid type);

/// The same of a column that has no nulls: raises 22004 where it has.
Datum datum_value(SPITupleTable const *rows, std::size_t row, int column, Oid type);

inline bool bool_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return DatumGetBool(datum_value(rows, row, column, BOOLOID));
}

inline std::int32_t int4_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return DatumGetInt32(datum_value(rows, row, column, INT4OID));
}

inline std::int64_t int8_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return DatumGetInt64(datum_value(rows, row, column, INT8OID));
}

inline TimestampTz timestamptz_value(SPITupleTable const *rows, std::size_t row, int column)
{
	return DatumGetTimestampTz(datum_value(rows, row, column, TIMESTAMPTZOID));
}

/// Nothing where it is null.
inline std::optional<std::int64_t> optional_int8_value(SPITupleTable const *rows, std::size_t row, int column)
{
	std::optional<Datum> value = optional_value(rows, row, column, INT8OID);
	return value ? std::optional(DatumGetInt64(*value)) : std::nullopt;
}

/// Valid as long as SPI's memory; nothing where it is null.
std::optional<std::string_view> text_value(SPITupleTable const *rows, std::size_t row, int column);
/// The same as a copy, "" where it is null; outside of call(). Throws Error.
std::string string_value(SPITupleTable const *rows, std::size_t row, int column);
std::optional<std::string_view> bytes_value(SPITupleTable const *rows, std::size_t row, int column);

} // namespace vero::pg
