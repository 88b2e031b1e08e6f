// Every setting of the extension.
#pragma once

namespace vero::pg {

/// vero_events.max_record_size, in bytes.
extern int max_record_size;

/// Called once, when the library is loaded.
void define_settings();

} // namespace vero::pg
