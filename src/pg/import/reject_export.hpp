// Gives the rejected records of an import back as the CSV that they were: the file's header and each record, byte for byte.
#pragma once

#include "pg/sql/catalog.hpp"

namespace vero::pg {

// All of them read as the calling role, under its row security, and return how many records they wrote. They throw Report (22023)
// where there is no such import to be seen, Error (42501) where files or programs are not allowed.

std::uint64_t export_rejects_to_client(std::int64_t import_id);
/// `path` is absolute.
std::uint64_t export_rejects_to_file(std::int64_t import_id, char const *path);
std::uint64_t export_rejects_to_program(std::int64_t import_id, char const *command);

/// As bytes in memory. Throws Report (54000) where they are more than a bytea can hold.
std::string export_rejects(std::int64_t import_id);

/// The same for the import that is just being finished in this transaction, as the owner; nothing where it is more than `limit` bytes.
std::optional<std::string> export_own_rejects(Catalog const &catalog, std::int64_t import_id, std::size_t limit);

} // namespace vero::pg
