// A campaign that somebody calls by its name.
#include "pg/outbox/named_campaign.hpp"

#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/sql/statement.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
}

namespace vero::pg {
namespace {

constexpr Statement kCampaign{
	R"(
	SELECT k.id, k.event_name
	FROM vero.campaigns AS k
	WHERE k.name = $1)",
	{TEXTOID},
	{{"id", INT8OID}, {"event_name", TEXTOID}}};

} // namespace

NamedCampaign find_campaign(Catalog const &catalog, std::string const &name)
{
	auto rows = call([&] { return run_as_owner<kCampaign>(catalog, {name}); });
	if (rows.count() == 0)
		throw Report{ERRCODE_UNDEFINED_OBJECT, "campaign " + quote_clipped(name) + " does not exist", "", ""};
	std::int64_t id = call([&] { return rows[0].int8("id"); });
	return {id, rows[0].string("event_name")};
}

} // namespace vero::pg
