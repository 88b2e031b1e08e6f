// Takes over COPY with FORMAT vero_csv, and nothing else.
#pragma once

namespace vero::pg {

/// Called once, when the library is loaded.
void install_copy_hook();

} // namespace vero::pg
