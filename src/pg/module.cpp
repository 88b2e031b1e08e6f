// What happens when the library is loaded.
#include "pg/copy_hook.hpp"
#include "pg/import_journal.hpp"
#include "pg/instance.hpp"
#include "pg/lost_imports.hpp"
#include "pg/postgres.hpp"
#include "pg/rollback.hpp"
#include "pg/settings.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void)
{
	vero::pg::define_settings();
	vero::pg::install_copy_hook();
	vero::pg::watch_rollbacks();
	vero::pg::install_import_journal();
	vero::pg::install_lost_imports();
	if (process_shared_preload_libraries_in_progress)
		vero::pg::note_standby();
}
