// What happens when the library is loaded.
#include "pg/copy_hook.hpp"
#include "pg/database_hook.hpp"
#include "pg/import_journal.hpp"
#include "pg/import_owner.hpp"
#include "pg/import_wait.hpp"
#include "pg/instance.hpp"
#include "pg/launcher.hpp"
#include "pg/lost_imports.hpp"
#include "pg/postgres.hpp"
#include "pg/rollback.hpp"
#include "pg/settings.hpp"
#include "pg/worker_slots.hpp"

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
