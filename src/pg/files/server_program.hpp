// Programs on the server that COPY reads from or writes to.
#pragma once

#include "pg/base/postgres.hpp"

#include <cstdio>

namespace vero::pg {

/// Starts the program; `mode` is PG_BINARY_R or PG_BINARY_W. Demands pg_execute_server_program. Throws Error (42501).
FILE *open_program(char const *command, char const *mode);

/// Waits for its end. Throws Error (38000) if it failed.
void close_program(FILE *pipe, char const *command);

} // namespace vero::pg
