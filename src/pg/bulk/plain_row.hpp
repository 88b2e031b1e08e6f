// Stores a single row of one of the extension's tables without a statement, where nothing is to happen to it but that it is stored.
#pragma once

#include "pg/sql/own_objects.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {

/// Of static duration.
struct RowForm {
	static constexpr std::size_t kMost = 40; ///< columns

	OwnTable const &own;
	std::span<char const *const> given; ///< the columns that a row has values for, in order
	/// Those that have defaults, in order behind the others: a row has the values of the script's defaults for them.
	std::span<char const *const> defaulted;
	bool stands_for_update = false; ///< by statements it would be inserted and then updated
};

/// True where it can be stored so: the table is as it was made, and its indexes run nothing but PostgreSQL's own functions. Takes and keeps
/// the lock that INSERT takes. To be called in call(), as what follows.
bool takes_plain_rows(RowForm const &form, Oid table, Oid owner);

/// Where it takes_plain_rows(): does what INSERT does with it, which then need not be parsed, planned and made ready, nor the table's checks for it. The caller
/// honours these, and the foreign keys. Else false, and nothing is done.
bool insert_plain_row(RowForm const &form, Oid table, Oid owner, std::span<Parameter const> values);

} // namespace vero::pg
