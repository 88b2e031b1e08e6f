// Whose jobs and mail these are: a copy of a database decides and sends nothing until it is told to.
#include "pg/outbox/delivery_right.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/spi.hpp"
#include "pg/base/varlena.hpp"
#include "pg/outbox/data_directory.hpp"
#include "pg/slots/wakeup.hpp"

extern "C" {
#include "access/xlog.h"
#include "catalog/pg_type_d.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr char const *kState =
	"SELECT (SELECT CAST(s.subname AS pg_catalog.text) FROM pg_catalog.pg_subscription_rel AS r"
	"  JOIN pg_catalog.pg_subscription AS s ON s.oid OPERATOR(pg_catalog.=) r.srsubid"
	"  WHERE r.srrelid OPERATOR(pg_catalog.=) $5 OR r.srrelid OPERATOR(pg_catalog.=) $6 LIMIT 1),"
	" pg_catalog.min(d.off_reason),"
	" coalesce(pg_catalog.bool_and(d.system_identifier OPERATOR(pg_catalog.=) $1 AND"
	"  d.database_oid OPERATOR(pg_catalog.=) $2 AND (d.instance OPERATOR(pg_catalog.=) $3 OR $4)), false)"
	" FROM vero.delivery AS d";
constexpr std::array<Oid, 6> kStateTypes{INT8OID, OIDOID, UUIDOID, BOOLOID, OIDOID, OIDOID};

constexpr char const *kForget = "DELETE FROM vero.delivery";
constexpr char const *kEnable = "INSERT INTO vero.delivery (system_identifier, database_oid, instance, enabled_at)"
								" VALUES ($1, $2, $3, pg_catalog.now())";

// A restore with --disable-triggers leaves them as triggers of ordinary sessions.
constexpr char const *kIsUnwatched = "SELECT FROM pg_catalog.pg_trigger AS t WHERE (t.tgrelid OPERATOR(pg_catalog.=) "
									 "$1 OR t.tgrelid OPERATOR(pg_catalog.=) $2)"
									 " AND t.tgname OPERATOR(pg_catalog.=) ANY (ARRAY['trigger_jobs_replicated', "
									 "'messages_replicated']::pg_catalog.name[])"
									 " AND t.tgenabled OPERATOR(pg_catalog.<>) 'R'";
constexpr std::array<Oid, 2> kIsUnwatchedTypes{OIDOID, OIDOID};
constexpr std::array<char const *, 2> kWatch{
	"ALTER TABLE vero.trigger_jobs ENABLE REPLICA TRIGGER trigger_jobs_replicated",
	"ALTER TABLE vero.messages ENABLE REPLICA TRIGGER messages_replicated"};

/// What kState and kEnable ask for. In call().
std::array<Datum, 6> identity(Instance const &instance, Catalog const &catalog)
{
	return {Int64GetDatum(static_cast<std::int64_t>(GetSystemIdentifier())),
			ObjectIdGetDatum(MyDatabaseId),
			DirectFunctionCall1(uuid_in, CStringGetDatum(instance.id.c_str())),
			BoolGetDatum(instance.was_standby),
			ObjectIdGetDatum(catalog.trigger_jobs),
			ObjectIdGetDatum(catalog.messages)};
}

struct State {
	std::optional<std::string> subscription; ///< that writes jobs or messages
	std::optional<std::string> off_reason;
	bool is_bound;
};

State read_state(Catalog const &catalog, Instance const &instance)
{
	call([&] {
		auto values = identity(instance, catalog);
		execute_as(catalog.owner, kState, kStateTypes, values.data(), SPI_OK_SELECT);
	});
	SPITupleTable const *rows = SPI_tuptable;
	auto text = [&](int column) {
		auto value = call([&] { return text_value(rows, 0, column); });
		return value ? std::optional<std::string>(*value) : std::nullopt;
	};
	return {text(1), text(2), call([&] { return bool_value(rows, 0, 3); })};
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
		Datum tables[] = {ObjectIdGetDatum(catalog.trigger_jobs), ObjectIdGetDatum(catalog.messages)};
		execute_statement(prepare_statement(kIsUnwatched, kIsUnwatchedTypes), tables, nullptr, SPI_OK_SELECT);
		if (SPI_processed == 0)
			return;
		for (char const *statement : kWatch)
			execute_statement(prepare_statement(statement, {}), nullptr, nullptr, SPI_OK_UTILITY);
	});
}

void enable_delivery()
{
	Instance instance = require_instance();
	SpiConnection spi;
	Catalog catalog = find_catalog();
	if (State state = read_state(catalog, instance); state.subscription)
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "delivery cannot be enabled in this database",
					 of_subscription(*state.subscription), "Drop the subscription, or take the tables from it."};
	EnablingScope scope;
	call([&] {
		auto values = identity(instance, catalog);
		execute_statement(prepare_statement(kForget, {}), nullptr, nullptr, SPI_OK_DELETE);
		execute_statement(prepare_statement(kEnable, std::span(kStateTypes).first<3>()), values.data(), nullptr,
						  SPI_OK_INSERT);
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
	if (std::optional<std::string> reason = why_delivery_is_off(catalog))
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "delivery is not enabled in this database",
					 std::move(*reason),
					 "Where its jobs and messages are to be decided and sent from here, call vero.enable_delivery()."};
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
