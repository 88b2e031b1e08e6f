// Statements run inside the server.
#include "pg/spi.hpp"

#include "pg/boundary.hpp"

namespace vero::pg {

SpiConnection::SpiConnection() : exceptions_(std::uncaught_exceptions())
{
	call([] {
		if (int result = SPI_connect(); result != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed: %s", SPI_result_code_string(result));
	});
}

SpiConnection::~SpiConnection()
{
	if (std::uncaught_exceptions() == exceptions_)
		SPI_finish();
}

SPIPlanPtr prepare_statement(char const *sql, std::span<Oid const> types)
{
	SPIPlanPtr plan = SPI_prepare_cursor(sql, static_cast<int>(types.size()), const_cast<Oid *>(types.data()),
										 CURSOR_OPT_CUSTOM_PLAN);
	if (plan == nullptr)
		elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
	return plan;
}

void execute_statement(SPIPlanPtr plan, Datum *values, char const *nulls, int expected)
{
	int result = SPI_execute_plan(plan, values, nulls, false, 0);
	if (result != expected)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

std::optional<std::string_view> text_value(SPITupleTable const *rows, std::size_t row, int column)
{
	bool is_null;
	Datum value = SPI_getbinval(rows->vals[row], rows->tupdesc, column, &is_null);
	if (is_null)
		return std::nullopt;
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);
	return std::string_view(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

} // namespace vero::pg
