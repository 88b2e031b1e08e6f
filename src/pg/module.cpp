// What happens when the library is loaded.
#include "pg/base/postgres.hpp"
#include "pg/base/settings.hpp"
#include "pg/entry/copy_hook.hpp"
#include "pg/import/import_owner.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/import/lost_imports.hpp"
#include "pg/journal/import_journal.hpp"
#include "pg/journal/rollback.hpp"
#include "pg/outbox/data_directory.hpp"
#include "pg/slots/worker_slots.hpp"
#include "pg/worker/database_hook.hpp"
#include "pg/worker/launcher.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void)
{
	using namespace vero::pg;
	define_settings();
	install_copy_hook();
	watch_rollbacks();
	install_import_journal();
	install_lost_imports();
	install_import_wait();
	install_role_hook();
	if (process_shared_preload_libraries_in_progress && !IsBinaryUpgrade) {
		note_standby();
		install_worker_slots();
		install_database_hook();
		register_launcher();
	}
}
