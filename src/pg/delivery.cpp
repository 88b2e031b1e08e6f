// Whose jobs and mail these are: a copy of a database decides and sends nothing until it is told to.
#include "pg/delivery.hpp"

#include "pg/boundary.hpp"
#include "pg/instance.hpp"
#include "pg/spi.hpp"
#include "pg/wakeup.hpp"

extern "C" {
#include "access/xlog.h"
#include "catalog/pg_type_d.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

namespace vero::pg {
namespace {

constexpr char const *kIsEnabled = "SELECT pg_catalog.bool_and(d.system_identifier OPERATOR(pg_catalog.=) $1 AND "
								   "d.database_oid OPERATOR(pg_catalog.=) $2 AND "
								   "(d.instance OPERATOR(pg_catalog.=) $3 OR $4))"
								   " FROM vero.delivery AS d";
constexpr char const *kForget = "DELETE FROM vero.delivery";
constexpr char const *kEnable =
	"INSERT INTO vero.delivery (system_identifier, database_oid, instance) VALUES ($1, $2, $3)";
constexpr std::array<Oid, 4> kTypes{INT8OID, OIDOID, UUIDOID, BOOLOID};

/// The parameters of both. In call().
std::array<Datum, 4> identity(Instance const &instance)
{
	return {Int64GetDatum(static_cast<std::int64_t>(GetSystemIdentifier())), ObjectIdGetDatum(MyDatabaseId),
			DirectFunctionCall1(uuid_in, CStringGetDatum(instance.id.c_str())), BoolGetDatum(instance.was_standby)};
}

void enable_delivery()
{
	Instance instance = require_instance();
	SpiConnection spi;
	call([&] {
		auto values = identity(instance);
		execute_statement(prepare_statement(kForget, {}), nullptr, nullptr, SPI_OK_DELETE);
		execute_statement(prepare_statement(kEnable, std::span(kTypes).first<3>()), values.data(), nullptr,
						  SPI_OK_INSERT);
	});
	wake_worker_at_commit(GetCurrentTimestamp());
}

} // namespace

bool is_delivery_enabled(Catalog const &catalog)
{
	std::optional<Instance> instance = find_instance();
	if (!instance || RecoveryInProgress())
		return false;
	return call([&] {
		UserSwitch caller = UserSwitch::become(catalog.owner);
		auto values = identity(*instance);
		execute_statement(prepare_statement(kIsEnabled, kTypes), values.data(), nullptr, SPI_OK_SELECT);
		bool is_null;
		Datum is_bound = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
		caller.undo();
		return !is_null && DatumGetBool(is_bound);
	});
}

void require_delivery(Catalog const &catalog)
{
	if (!is_delivery_enabled(catalog))
		throw Report{ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE, "delivery is not enabled in this database",
					 "It is a copy of the one whose jobs and messages these are.",
					 "Where they are to be decided and sent from here, call vero.enable_delivery()."};
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
