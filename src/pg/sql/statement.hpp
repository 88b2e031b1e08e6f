// The one way to run SQL inside the server: statements that stand in the source as they would in psql, and what they returned.
//
// As the owner (run_as_owner(), or run() within as_owner()) the search_path is "pg_catalog, pg_temp", so that PostgreSQL's own operators,
// functions and types are written as everybody writes them: operators and functions are never looked for in pg_temp, and types there
// last. Tables would be found in pg_temp: they are written vero.x. As the caller anything may be first in the search_path: there every
// name is qualified, those of operators too, and CASE has no operand (it would look `=` up).
//
// All of this is to be called in call() and owns nothing, if it does not say otherwise: an ERROR may jump over it. It needs an
// SpiConnection, and what was read from rows is valid as long as that one.
#pragma once

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/spi.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "storage/itemptr.h"
#include "utils/timestamp.h"
}

namespace vero::pg {

/// A column that a statement returns.
struct Column {
	std::string_view name;
	Oid type;
};

/// A constant of the program: the text, the types of $1, $2 ..., and the columns that it returns, in order. What is planned has a
/// parameter: where its value is asked for the text is taken out of what is reported (pg/sql/spi.hpp).
class Statement {
public:
	consteval Statement(char const *text, std::initializer_list<Oid> parameters = {},
						std::initializer_list<Column> columns = {})
		: text_(text), parameter_count_(parameters.size()), column_count_(columns.size())
	{
		if (parameter_count_ == 0 && !std::string_view(text).starts_with("\n\tALTER "))
			throw "the statement has no parameter"; // which is an error of the compiler's
		std::copy(parameters.begin(), parameters.end(), parameters_.begin());
		std::copy(columns.begin(), columns.end(), columns_.begin());
	}

	constexpr char const *text() const { return text_; }
	constexpr std::span<Oid const> parameters() const { return {parameters_.data(), parameter_count_}; }
	constexpr std::span<Column const> columns() const { return {columns_.data(), column_count_}; }

	/// The number of a column, from 1. InvalidOid: of any type.
	consteval int number_of(std::string_view name, Oid type) const
	{
		for (std::size_t i = 0; i < column_count_; i++) {
			if (columns_[i].name == name && (type == InvalidOid || columns_[i].type == type))
				return static_cast<int>(i) + 1;
		}
		throw "the statement returns no column of this name and type"; // which is an error of the compiler's
	}

	static constexpr std::size_t kMost = 20; ///< parameters, and columns

private:
	char const *text_;
	std::size_t parameter_count_, column_count_;
	std::array<Oid, kMost> parameters_{};
	std::array<Column, kMost> columns_{};
};

/// A value for a parameter. Nothing is null; texts, which may be for a bytea too, are copied.
struct Parameter {
	Parameter(Datum given) : value(given) {}
	Parameter(std::int64_t given) : value(Int64GetDatum(given)) {}
	Parameter(std::int32_t given) : value(Int32GetDatum(given)) {}
	Parameter(std::same_as<bool> auto given) : value(BoolGetDatum(given)) {}
	template <std::convertible_to<std::string_view> Text> Parameter(Text const &given) : value(text_datum(given)) {}
	template <class Value>
	Parameter(std::optional<Value> const &given)
		: value(given ? Parameter(*given).value : static_cast<Datum>(0)), is_null(!given)
	{
	}

	Datum value;
	bool is_null = false;
};

template <Statement const &statement> using Parameters = std::array<Parameter, statement.parameters().size()>;

/// The name of a column, which the compiler looks up: there has to be one of this type, InvalidOid is any.
template <Statement const &statement, Oid type> struct ColumnName {
	consteval ColumnName(char const *name) : number(statement.number_of(name, type)) {}
	int number;
};

namespace detail {
std::optional<Datum> optional_value(HeapTuple row, TupleDesc columns, int column);
Datum required_value(HeapTuple row, TupleDesc columns, int column);
/// Of a text or bytea.
std::optional<std::string_view> bytes_of(std::optional<Datum> value);
} // namespace detail

/// One row of what a statement returned, its columns by name. An optional is nothing where the value is null; the others are for
/// columns that never are, and raise 22004 where one is.
template <Statement const &statement> class Row {
	template <Oid type = InvalidOid> using Name = ColumnName<statement, type>;

public:
	Row(HeapTuple tuple, TupleDesc columns) : tuple_(tuple), columns_(columns) {}

	bool boolean(Name<BOOLOID> name) const { return DatumGetBool(value(name.number)); }
	std::int32_t int4(Name<INT4OID> name) const { return DatumGetInt32(value(name.number)); }
	std::int64_t int8(Name<INT8OID> name) const { return DatumGetInt64(value(name.number)); }
	TimestampTz timestamptz(Name<TIMESTAMPTZOID> name) const { return DatumGetTimestampTz(value(name.number)); }
	ItemPointerData tid(Name<TIDOID> name) const
	{
		return *reinterpret_cast<ItemPointer>(DatumGetPointer(value(name.number)));
	}

	std::optional<std::int64_t> optional_int8(Name<INT8OID> name) const
	{
		std::optional<Datum> value = optional_value(name.number);
		return value ? std::optional(DatumGetInt64(*value)) : std::nullopt;
	}
	std::optional<std::string_view> text(Name<TEXTOID> name) const
	{
		return detail::bytes_of(optional_value(name.number));
	}
	std::optional<std::string_view> bytes(Name<BYTEAOID> name) const
	{
		return detail::bytes_of(optional_value(name.number));
	}
	/// Of a type that has no reader of its own.
	Datum datum(Name<> name) const { return value(name.number); }
	std::optional<Datum> optional_datum(Name<> name) const { return optional_value(name.number); }

	// Copies, outside of call(). They throw Error.

	std::optional<std::string> optional_string(Name<TEXTOID> name) const { return copy(name.number); }
	std::optional<std::string> optional_bytes(Name<BYTEAOID> name) const { return copy(name.number); }
	/// "" where it is null.
	std::string string(Name<TEXTOID> name) const { return copy(name.number).value_or(""); }

private:
	std::optional<Datum> optional_value(int column) const { return detail::optional_value(tuple_, columns_, column); }
	Datum value(int column) const { return detail::required_value(tuple_, columns_, column); }
	std::optional<std::string> copy(int column) const
	{
		auto bytes = call([&] { return detail::bytes_of(optional_value(column)); });
		return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
	}

	HeapTuple tuple_;
	TupleDesc columns_;
};

/// What a statement returned: the columns that it says, of their types or of such as are stored alike.
template <Statement const &statement> class Returned {
public:
	explicit Returned(Executed const &executed) : rows_(executed.rows), count_(executed.count) {}

	/// How many rows it returned, or changed where it returns none.
	std::size_t count() const { return count_; }
	Row<statement> operator[](std::size_t row) const { return {rows_->vals[row], rows_->tupdesc}; }
	/// Gives its memory back before the SpiConnection ends.
	void free() const { SPI_freetuptable(rows_); }

private:
	SPITupleTable *rows_;
	std::size_t count_;
};

/// Of a statement that runs more than once with one SpiConnection, as one role: it is parsed the first time, or by prepare().
struct Prepared {
	SPIPlanPtr plan = nullptr;
};

namespace detail {
// Raise 42804 where a table of the extension has been given other types: what it returns would be read as something else.
void prepare(Statement const &statement, Prepared &prepared);
void check_returned(Statement const &statement, Prepared const &prepared);
Executed run(Statement const &statement, Prepared &prepared, std::span<Parameter const> parameters);
Executed run_as_owner(Catalog const &catalog, Statement const &statement, std::span<Parameter const> parameters);
Executed run_kept(Statement const &statement, Prepared &kept, Planned planned, std::span<Parameter const> parameters);
/// As long as the session. Static, for g++ 14 takes those of statements that have one name in two files for one.
template <Statement const &statement> static constinit Prepared kept{};
Executed fetch(Statement const &statement, Portal portal, long most);
Portal open(Statement const &statement, Prepared &prepared, std::span<Parameter const> parameters, CursorSees sees);
} // namespace detail

/// Parses it, before it is run, and raises what is wrong with the columns that it returns: 42804, too where there is no row.
template <Statement const &statement> void prepare(Prepared &prepared)
{
	detail::prepare(statement, prepared);
	detail::check_returned(statement, prepared);
}

/// As whoever runs: the caller, or the owner within as_owner().
template <Statement const &statement>
Returned<statement> run(Prepared &prepared, Parameters<statement> const &parameters = {})
{
	return Returned<statement>(detail::run(statement, prepared, parameters));
}

template <Statement const &statement> Returned<statement> run(Parameters<statement> const &parameters = {})
{
	Prepared once;
	return run<statement>(once, parameters);
}

/// As the owner of the extension's tables.
template <Statement const &statement>
Returned<statement> run_as_owner(Catalog const &catalog, Parameters<statement> const &parameters = {})
{
	return Returned<statement>(detail::run_as_owner(catalog, statement, parameters));
}

/// As the owner within as_owner(), of a statement that sessions run again and again: it is parsed the first time. PostgreSQL analyses it once more
/// where a table, the role or the search_path is not what it was, and what others put on a table is looked for each time.
template <Statement const &statement, Planned planned = Planned::each_time>
Returned<statement> run_kept(Parameters<statement> const &parameters)
{
	return Returned<statement>(detail::run_kept(statement, detail::kept<statement>, planned, parameters));
}

template <Statement const &statement, Planned planned = Planned::each_time>
Returned<statement> run_kept_as_owner(Catalog const &catalog, Parameters<statement> const &parameters)
{
	return as_owner(catalog, [&] { return run_kept<statement, planned>(parameters); });
}

/// The rows of a statement, some at a time. As whoever opens it.
template <Statement const &statement> class Cursor {
public:
	Cursor(Prepared &prepared, Parameters<statement> const &parameters, CursorSees sees)
		: portal_(detail::open(statement, prepared, parameters, sees))
	{
	}

	/// The next ones, as far as `most` goes; none: there are no more.
	Returned<statement> fetch(long most) const { return Returned<statement>(detail::fetch(statement, portal_, most)); }
	void close() const { SPI_cursor_close(portal_); }

private:
	Portal portal_;
};

} // namespace vero::pg
