// Writes rows with INSERT, for tables on which more is to happen than a heap insertion.
#include "pg/bulk/table_writer.hpp"

#include "pg/base/boundary.hpp"
#include "pg/sql/catalog.hpp"
#include "pg/sql/spi.hpp"

extern "C" {
#include "access/table.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
}

namespace vero::pg {
namespace {

struct ElementType {
	Oid type;
	std::int16_t length;
	bool is_by_value;
	char alignment;
};

class SqlWriter : public TableWriter {
public:
	SqlWriter(TargetTable const &table, Relation relation);
	~SqlWriter() override = default;
	std::size_t write(Rows const &rows) override;
	void finish() override;

private:
	std::optional<UserSwitch> become() const;
	Datum column_array(Rows const &rows, std::size_t column);

	std::string name_;
	Relation relation_;
	Oid run_as_; ///< InvalidOid: the caller
	std::vector<ElementType> types_;
	std::vector<Datum> column_;
	std::vector<char> column_nulls_;
	std::vector<Datum> arrays_;
	SPIPlanPtr plan_;
	MemoryContext memory_; ///< emptied for each write
};

SqlWriter::SqlWriter(TargetTable const &table, Relation relation)
	: name_(table.own.name), relation_(relation), run_as_(table.run_as), types_(table.columns.size()),
	  arrays_(table.columns.size())
{
	std::vector<Oid> array_types(types_.size());
	call([&] {
		for (std::size_t i = 0; i < types_.size(); i++) {
			ElementType &type = types_[i];
			// what the rows have, whatever the table's columns are today: PostgreSQL converts it, or says that it cannot
			type.type = table.own.find_column(table.columns[i])->type;
			get_typlenbyvalalign(type.type, &type.length, &type.is_by_value, &type.alignment);
			array_types[i] = get_array_type(type.type);
		}
	});
	std::string columns, parameters;
	for (std::size_t i = 0; i < types_.size(); i++) {
		columns += std::string(i == 0 ? "" : ", ") + table.columns[i];
		parameters += (i == 0 ? "$" : ", $") + std::to_string(i + 1);
	}
	// unnest of several arrays is a form of the grammar's own, always pg_catalog's
	std::string sql = "INSERT INTO vero." + name_ + " (" + columns + ") SELECT * FROM unnest(" + parameters + ")";
	char const *text = sql.c_str();
	call([&] {
		std::optional<UserSwitch> caller = become();
		plan_ = prepare_statement(text, array_types);
		if (caller)
			caller->undo();
		memory_ = AllocSetContextCreate(CurrentMemoryContext, "vero_events rows", ALLOCSET_DEFAULT_SIZES);
	});
}

/// The caller's own statements are none of ours to restrict. To be called in call().
std::optional<UserSwitch> SqlWriter::become() const
{
	return OidIsValid(run_as_) ? std::optional(UserSwitch::become(run_as_)) : std::nullopt;
}

Datum SqlWriter::column_array(Rows const &rows, std::size_t column)
{
	for (std::size_t row = 0; row < rows.count; row++) {
		column_[row] = rows.values[row * types_.size() + column];
		column_nulls_[row] = rows.nulls[row * types_.size() + column] == 'n';
	}
	ElementType const &type = types_[column];
	int count = static_cast<int>(rows.count), lower_bound = 1;
	return PointerGetDatum(construct_md_array(column_.data(), reinterpret_cast<bool *>(column_nulls_.data()), 1, &count,
											  &lower_bound, type.type, type.length, type.is_by_value, type.alignment));
}

std::size_t SqlWriter::write(Rows const &rows)
{
	if (rows.count == 0)
		return 0;
	column_.resize(rows.count);
	column_nulls_.resize(rows.count);
	return call([&] {
		MemoryContext before = MemoryContextSwitchTo(memory_);
		for (std::size_t i = 0; i < arrays_.size(); i++)
			arrays_[i] = column_array(rows, i);
		std::optional<UserSwitch> caller = become();
		std::size_t written = execute_statement(plan_, arrays_.data(), nullptr).count;
		if (caller)
			caller->undo();
		if (written < rows.count) {
			ereport(WARNING, (errmsg("triggers, rules or policies of vero.%s kept %zu of %zu imported rows out of it",
									 name_.c_str(), rows.count - written, rows.count)));
		}
		MemoryContextSwitchTo(before);
		MemoryContextReset(memory_);
		return written;
	});
}

void SqlWriter::finish()
{
	call([this] {
		MemoryContextDelete(memory_);
		table_close(relation_, NoLock);
	});
}

} // namespace

std::unique_ptr<TableWriter> open_sql_writer(TargetTable const &table, Relation relation)
{
	return std::make_unique<SqlWriter>(table, relation);
}

} // namespace vero::pg
