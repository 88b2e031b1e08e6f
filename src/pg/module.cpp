// What happens when the library is loaded.
#include "pg/base/compat.hpp"
#include "pg/base/settings.hpp"
#include "pg/entry/copy_hook.hpp"
#include "pg/import/import_owner.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/journal/import_journal.hpp"
#include "pg/journal/rollback.hpp"
#include "pg/lost/lost_imports.hpp"
#include "pg/outbox/data_directory.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/slots/worker_slots.hpp"
#include "pg/sql/spi.hpp"
#include "pg/worker/databases.hpp"
#include "pg/worker/launcher.hpp"

extern "C" {
VERO_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

namespace vero::pg {
namespace {

/// The first one has the statement first.
constexpr std::array<UtilityPart, 5> kUtilityParts{keep_utility_out_of_context, hold_databases, follow_role_renames,
												   watch_rollback_statements, take_over_copy};

/// The last one forgets what the journal asks for.
constexpr std::array<TransactionPart, 5> kTransactionParts{{{wake_at_end, nullptr},
															{release_databases, nullptr},
															{end_lost_imports, end_lost_imports_part},
															{end_journal, end_journal_part},
															{forget_at_end, forget_at_start}}};

} // namespace
} // namespace vero::pg

void _PG_init(void)
{
	using namespace vero::pg;
	define_settings();
	install_utility_hook(kUtilityParts);
	install_transaction_end(kTransactionParts);
	watch_rollbacks();
	install_import_wait();
	if (process_shared_preload_libraries_in_progress && !IsBinaryUpgrade) {
		note_standby();
		install_worker_slots();
		register_launcher();
	}
}
