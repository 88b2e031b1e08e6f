// The imports that brought stored events, kept from being undone while the events get jobs.
#include "pg/backfill/event_imports.hpp"

#include "pg/base/datum.hpp"
#include "pg/import/import_wait.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

// In one order, and by the lock that the jobs' foreign key takes: others may change the row meanwhile.
constexpr Statement kLockImports{
	R"(
	SELECT i.id, i.state = 'undone' AS is_undone
	FROM vero.imports AS i
	WHERE i.id = ANY ($1)
	ORDER BY i.id
	FOR KEY SHARE)",
	{INT8ARRAYOID},
	{{"id", INT8OID}, {"is_undone", BOOLOID}}};

} // namespace

void EventImports::lock(std::vector<std::int64_t> const &imports)
{
	SpiConnection spi;
	WaitReason const reason("imports that are");
	auto rows = call([&] {
		return run_as_owner<kLockImports>(catalog_,
										  {int8_array(imports.size(), [&](std::size_t i) { return imports[i]; })});
	});
	for (std::size_t i = 0; i < rows.count(); i++) {
		std::int64_t id;
		bool is_undone;
		call([&] {
			id = rows[i].int8("id");
			is_undone = rows[i].boolean("is_undone");
		});
		fates_[id] = is_undone ? Fate::undone : Fate::there;
	}
}

void EventImports::admit(std::vector<TriggeringEvent> &events)
{
	std::vector<std::int64_t> unknown;
	for (TriggeringEvent const &event : events) {
		if (event.import_id && fates_.emplace(*event.import_id, Fate::gone).second)
			unknown.push_back(*event.import_id);
	}
	if (!unknown.empty())
		lock(unknown);
	auto is_of = [this](TriggeringEvent const &event, Fate fate) {
		return event.import_id && fates_.at(*event.import_id) == fate;
	};
	std::erase_if(events, [&](TriggeringEvent const &event) { return is_of(event, Fate::undone); });
	for (TriggeringEvent &event : events) {
		if (is_of(event, Fate::gone))
			event.import_id.reset();
	}
}

} // namespace vero::pg
