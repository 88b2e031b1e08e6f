// Compares keys of index entries without calling the functions of their types.
#include "pg/bulk/leaf_keys.hpp"

#include "pg/base/compat.hpp"

#include <cstring>

namespace vero::pg {
namespace {

/// As btint8cmp() does it, column by column.
int compare_integers(char const *one, char const *other, int columns)
{
	for (int i = 0; i < columns; i++) {
		std::int64_t a, b;
		std::memcpy(&a, one + i * sizeof a, sizeof a);
		std::memcpy(&b, other + i * sizeof b, sizeof b);
		if (a != b)
			return a < b ? -1 : 1;
	}
	return 0;
}

/// As bttextcmp() does it in collation "C".
int compare_bytes(char const *one, char const *other)
{
	if (!VARATT_IS_SHORT(one) || !VARATT_IS_SHORT(other))
		return 0;
	std::size_t const size = VARSIZE_SHORT(one) - VARHDRSZ_SHORT, others = VARSIZE_SHORT(other) - VARHDRSZ_SHORT;
	int const order = std::memcmp(VARDATA_SHORT(one), VARDATA_SHORT(other), std::min(size, others));
	return order != 0 || size == others ? order : size < others ? -1 : 1;
}

} // namespace

int compare_keys(IndexTuple one, IndexTuple other, KeyForm form, int columns)
{
	auto const *key = reinterpret_cast<char const *>(one + 1), *others = reinterpret_cast<char const *>(other + 1);
	return form == KeyForm::integers ? compare_integers(key, others, columns) : compare_bytes(key, others);
}

} // namespace vero::pg
