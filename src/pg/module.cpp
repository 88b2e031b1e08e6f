// What happens when the library is loaded.
#include "pg/copy_hook.hpp"
#include "pg/postgres.hpp"
#include "pg/settings.hpp"

extern "C" {
PG_MODULE_MAGIC;
PGDLLEXPORT void _PG_init(void);
}

void _PG_init(void)
{
	vero::pg::define_settings();
	vero::pg::install_copy_hook();
}
