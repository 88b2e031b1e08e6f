// Records that are good in themselves, and that an import rejects all the same.
#include "core/intake/late_reject.hpp"

namespace vero {
namespace {

JsonbType type_of(std::optional<std::string_view> text)
{
	return text ? JsonbType::string : JsonbType::null;
}

} // namespace

std::array<Member, kMembersOfError> stored_members(RecordError const &error)
{
	return {{{"code", name_of(error.code)},
			 {"value", error.value.value_or(""), type_of(error.value)},
			 {"column", error.column.value_or(""), type_of(error.column)},
			 {"message", error.message}}};
}

Reject make_late_reject(ErrorCode code, EventOrigin const &origin, std::string_view message, Batch &batch)
{
	RecordError const error{code, std::nullopt, std::nullopt, message};
	std::array const members = stored_members(error);
	StoredBytes stored_errors = batch.allocate(jsonb_array_size(members, members.size()));
	write_jsonb_array(members, members.size(), stored_errors.start);
	StoredBytes reason = batch.store(message);
	std::span<RecordError> errors = batch.store({&error, 1});
	errors[0].message = reason.view();
	StoredBytes raw = origin.raw.start != nullptr ? origin.raw : batch.allocate(0);
	constexpr bool kIsText = true; // what is not is no event
	return {origin.record_number, origin.line_number, origin.byte_offset, raw, kIsText, errors, reason, stored_errors};
}

} // namespace vero
