// The databases of the server.
#include "pg/worker/databases.hpp"

#include "pg/base/boundary.hpp"

extern "C" {
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
}

namespace vero::pg {

std::vector<Database> find_databases()
{
	Database *databases = nullptr;
	std::size_t count = 0;
	call([&] {
		MemoryContext caller = CurrentMemoryContext;
		StartTransactionCommand();
		Relation catalog = table_open(DatabaseRelationId, AccessShareLock);
		TableScanDesc scan = table_beginscan_catalog(catalog, 0, nullptr);
		while (HeapTuple tuple = heap_getnext(scan, ForwardScanDirection)) {
			auto *row = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
			std::size_t size = sizeof(Database) * (count + 1);
			databases = static_cast<Database *>(databases == nullptr ? MemoryContextAlloc(caller, size)
																	 : repalloc(databases, size));
			databases[count++] = {row->oid, row->datallowconn && !row->datistemplate};
		}
		table_endscan(scan);
		table_close(catalog, AccessShareLock);
		CommitTransactionCommand();
		MemoryContextSwitchTo(caller);
	});
	std::vector<Database> found(databases, databases + count);
	pfree(databases);
	return found;
}

} // namespace vero::pg
