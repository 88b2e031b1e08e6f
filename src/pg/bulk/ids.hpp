// Ids for many rows at once.
#pragma once

#include "pg/base/postgres.hpp"

namespace vero::pg {

/// Gives each of `ids` the next value of the sequence, in its order. To be called in call().
///
/// Few come from nextval(). Many are taken out of the sequence at once, as nextval() would take them for a session's cache of that size: nobody else gets
/// them, after a crash neither, and they are gone where the transaction fails. The session's own cache, and so currval() and lastval(), stay as they are.
void draw_ids(Oid sequence, std::span<std::int64_t> ids);

} // namespace vero::pg
