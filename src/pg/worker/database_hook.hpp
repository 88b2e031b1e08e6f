// Keeps workers out of databases that are dropped, copied, renamed or moved.
#pragma once

namespace vero::pg {

/// Called once, when the library is loaded with the server.
void install_database_hook();

} // namespace vero::pg
