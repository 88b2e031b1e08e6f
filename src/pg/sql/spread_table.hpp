// Tables whose rows another extension keeps elsewhere.
#pragma once

#include "pg/base/postgres.hpp"

extern "C" {
#include "utils/relcache.h"
}

namespace vero::pg {

/// True for one of Citus' tables: distributed over its nodes, or held by each of them. To be called in call().
bool is_of_citus(Oid table);

/// True for one of Citus' tables and for a hypertable of TimescaleDB: what is written into its heap is lost to queries. Looks this table up in their
/// catalogs (Citus' pg_dist_partition, TimescaleDB's hypertable); where one of those is not as it is known, it is taken for true. To be called in call().
bool is_spread(Relation table);

} // namespace vero::pg
