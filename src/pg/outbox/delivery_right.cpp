// Whose jobs and mail these are: a copy of a database decides and sends nothing until it is told to.
#include "pg/outbox/delivery_right.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/datum.hpp"
#include "pg/base/random.hpp"
#include "pg/outbox/data_directory.hpp"
#include "pg/slots/wakeup.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr Statement kDeliveryState{
	R"(
	SELECT
		(SELECT s.subname::text
			FROM pg_subscription_rel AS r
			JOIN pg_subscription AS s ON s.oid = r.srsubid
			WHERE r.srrelid = $5 OR r.srrelid = $6
			LIMIT 1) AS subscription,
		min(d.off_reason) AS off_reason,
		coalesce(bool_and(d.system_identifier = $1 AND d.database_oid = $2 AND (d.instance = $3 OR $4)), false) AS is_bound
	FROM vero.delivery AS d)",
	{INT8OID, OIDOID, UUIDOID, BOOLOID, OIDOID, OIDOID},
	{{"subscription", TEXTOID}, {"off_reason", TEXTOID}, {"is_bound", BOOLOID}}};

// These run as who enables it.
constexpr Statement kForget{
	R"(
	DELETE FROM vero.delivery
	WHERE $1)",
	{BOOLOID}};
constexpr Statement kEnable{
	R"(
	INSERT INTO vero.delivery (system_identifier, database_oid, instance, enabled_at)
	VALUES ($1, $2, $3, pg_catalog.now()))",
	{INT8OID, OIDOID, UUIDOID}};

// A restore with --disable-triggers leaves them as triggers of ordinary sessions.
constexpr Statement kIsUnwatched{
	R"(
	SELECT
	FROM pg_catalog.pg_trigger AS t
	WHERE (t.tgrelid OPERATOR(pg_catalog.=) $1 OR t.tgrelid OPERATOR(pg_catalog.=) $2)
		AND t.tgname OPERATOR(pg_catalog.=) ANY (ARRAY['trigger_jobs_replicated', 'messages_replicated']::pg_catalog.name[])
		AND t.tgenabled OPERATOR(pg_catalog.<>) 'R')",
	{OIDOID, OIDOID}};
constexpr Statement kWatchJobs{R"(
	ALTER TABLE vero.trigger_jobs ENABLE REPLICA TRIGGER trigger_jobs_replicated)"};
constexpr Statement kWatchMessages{R"(
	ALTER TABLE vero.messages ENABLE REPLICA TRIGGER messages_replicated)"};

struct State {
	std::optional<std::string> subscription; ///< that writes jobs or messages
	std::optional<std::string> off_reason;
	bool is_bound;
};

State read_state(Catalog const &catalog, Instance const &instance)
{
	auto rows = call([&] {
		return run_kept_as_owner<kDeliveryState>(
			catalog, {this_cluster(), ObjectIdGetDatum(MyDatabaseId), uuid_datum(instance.id), instance.was_standby,
					  ObjectIdGetDatum(catalog.trigger_jobs), ObjectIdGetDatum(catalog.messages)});
	});
	return {rows[0].optional_string("subscription"), rows[0].optional_string("off_reason"),
			call([&] { return rows[0].boolean("is_bound"); })};
}

std::string of_subscription(std::string const &name)
{
	return "The subscription \"" + name + "\" writes its jobs or messages.";
}

bool is_enabling = false;

struct EnablingScope {
	EnablingScope() { is_enabling = true; }
	EnablingScope(EnablingScope const &) = delete;
	EnablingScope &operator=(EnablingScope const &) = delete;
	~EnablingScope() { is_enabling = false; }
};

void watch_replication(Catalog const &catalog)
{
	call([&] {
		if (run<kIsUnwatched>({ObjectIdGetDatum(catalog.trigger_jobs), ObjectIdGetDatum(catalog.messages)}).count() ==
			0)
			return;
		run<kWatchJobs>();
		run<kWatchMessages>();
	});
}

void enable_delivery()
{
	Instance instance = require_instance();
	SpiConnection spi;
	Catalog catalog = find_catalog();
	if (State state = read_state(catalog, instance); state.subscription) {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "delivery cannot be enabled in this database",
					 of_subscription(*state.subscription), "Drop the subscription, or take the tables from it."};
	}
	EnablingScope scope;
	call([&] {
		run<kForget>({true});
		run<kEnable>({this_cluster(), ObjectIdGetDatum(MyDatabaseId), uuid_datum(instance.id)});
	});
	watch_replication(catalog);
	wake_worker_at_commit(GetCurrentTimestamp());
}

} // namespace

bool is_enabling_delivery()
{
	return is_enabling;
}

std::optional<std::string> why_delivery_is_off(Catalog const &catalog)
{
	constexpr char const *kCopy = "It is a copy of the one whose jobs and messages these are.";
	if (RecoveryInProgress())
		return "It is a standby.";
	std::optional<Instance> instance = find_instance();
	if (!instance)
		return kCopy;
	State state = read_state(catalog, *instance);
	if (state.subscription)
		return of_subscription(*state.subscription);
	if (state.off_reason)
		return state.off_reason;
	return state.is_bound ? std::nullopt : std::optional<std::string>(kCopy);
}

void require_delivery(Catalog const &catalog)
{
	if (std::optional<std::string> reason = why_delivery_is_off(catalog)) {
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "delivery is not enabled in this database",
					 std::move(*reason),
					 "Where its jobs and messages are to be decided and sent from here, call vero.enable_delivery()."};
	}
}

} // namespace vero::pg

using namespace vero::pg;

VERO_FUNCTION(vero_enable_delivery)
{
	(void)fcinfo;
	return enter([] {
		enable_delivery();
		return static_cast<Datum>(0);
	});
}

VERO_FUNCTION(vero_is_delivery_enabled)
{
	(void)fcinfo;
	return enter([] {
		SpiConnection spi;
		return BoolGetDatum(is_delivery_enabled(find_catalog()));
	});
}

VERO_FUNCTION(vero_why_delivery_is_off)
{
	return enter([&] {
		std::optional<std::string> reason = [] {
			SpiConnection spi;
			return why_delivery_is_off(find_catalog());
		}();
		fcinfo->isnull = !reason;
		return reason ? call([&] { return text_datum(*reason); }) : static_cast<Datum>(0);
	});
}
