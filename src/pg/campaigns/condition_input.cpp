// What a campaign's condition is judged over.
#include "pg/campaigns/condition_input.hpp"

#include "core/property/jsonb.hpp"
#include "pg/base/boundary.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/datetime.h"
#include "utils/json.h"
}

namespace vero::pg {
namespace {

using Members = std::vector<Member>;

/// One of a container's keys or values, which are counted through.
Member member_at(JsonbContainer *container, std::uint32_t count, std::uint32_t index)
{
	auto const *data = reinterpret_cast<char const *>(&container->children[2 * std::size_t{count}]);
	auto bytes = [&](std::uint32_t at) {
		return std::string_view(data + getJsonbOffset(container, static_cast<int>(at)),
								getJsonbLength(container, static_cast<int>(at)));
	};
	Member member{bytes(index), bytes(count + index),
				  static_cast<JsonbType>(container->children[count + index] & JENTRY_TYPEMASK)};
	if (member.type == JsonbType::number || member.type == JsonbType::container) {
		std::size_t const offset = member.value.data() - data;
		member.value.remove_prefix(INTALIGN(offset) - offset); // what aligns it
	}
	return member;
}

/// The members of an object, in order, with `known`, which are in order too, beside them or instead of them.
Members join(Jsonb *properties, std::span<Member const> known)
{
	std::uint32_t const count = JB_ROOT_IS_OBJECT(properties) ? JB_ROOT_COUNT(properties) : 0;
	Members members;
	members.reserve(count + known.size());
	auto next = known.begin();
	for (std::uint32_t i = 0; i < count; i++) {
		Member const own = member_at(&properties->root, count, i);
		while (next != known.end() && !is_jsonb_key_less(own.key, next->key))
			members.push_back(*next++);
		if (members.empty() || members.back().key != own.key)
			members.push_back(own);
	}
	members.insert(members.end(), next, known.end());
	return members;
}

Jsonb *make_object(std::span<Member const> members)
{
	std::size_t const size = jsonb_object_size(members);
	auto *object = static_cast<Jsonb *>(call([size] { return palloc(VARHDRSZ + size); }));
	SET_VARSIZE(object, VARHDRSZ + size);
	write_jsonb_object(members, reinterpret_cast<char *>(&object->root));
	return object;
}

Member container_member(std::string_view key, Jsonb *object)
{
	return {key, {reinterpret_cast<char const *>(&object->root), VARSIZE(object) - VARHDRSZ}, JsonbType::container};
}

} // namespace

Jsonb *make_condition_input(DueJob const &job)
{
	char time[MAXDATELEN + 1];
	call([&] { JsonEncodeDateTime(time, TimestampTzGetDatum(job.occurred_at), TIMESTAMPTZOID, nullptr); });
	// keys stand in the order of their length
	Member const of_event[] = {
		{"name", job.event_name}, container_member("properties", job.event_properties), {"occurred_at", time}};
	Member const of_contact[] = {{"email", job.email}, container_member("properties", job.contact_properties)};
	Member const both[] = {container_member("event", make_object(join(job.event_properties, of_event))),
						   container_member("contact", make_object(join(job.contact_properties, of_contact)))};
	return make_object(both);
}

} // namespace vero::pg
