// Records that are good in themselves, and that an import rejects all the same.
#pragma once

#include "core/intake/batch.hpp"
#include "core/property/jsonb.hpp"

#include <array>

namespace vero {

/// What becomes of a record whose event is stored already, or stands earlier in the file.
enum class OnDuplicate : unsigned char { insert, skip, reject };

/// What becomes of a record whose address was forgotten.
enum class OnSuppressed : unsigned char { insert, reject };

constexpr std::size_t kMembersOfError = 4; ///< code, value, column, message
/// The error as it stands in a reject's stored_errors. Refers to its texts.
std::array<Member, kMembersOfError> stored_members(RecordError const &error);

/// The reject of an event with this origin, with what that has of the raw record, in `batch`'s memory, as all of it. `message` says why.
Reject make_late_reject(ErrorCode code, EventOrigin const &origin, std::string_view message, Batch &batch);

} // namespace vero
