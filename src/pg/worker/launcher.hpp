// Starts a worker in each database where there is work, when there is.
#pragma once

namespace vero::pg {

/// Called once, when the library is loaded with the server: the launcher comes when recovery is over, on a standby at its promotion.
void register_launcher();

} // namespace vero::pg
