// What a campaign's condition is judged over.
#include "pg/campaigns/condition_input.hpp"

#include "pg/base/boundary.hpp"
#include "pg/base/jsonb_object.hpp"

extern "C" {
#include "catalog/pg_type_d.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
}

namespace vero::pg {
namespace {

/// The properties with `known` beside them.
Datum join(Jsonb *properties, JsonbObject &known)
{
	Datum const own = JsonbPGetDatum(properties);
	known.add("properties", own);
	Datum const others = known.finish();
	return call([=] { return DirectFunctionCall2(jsonb_concat, own, others); });
}

} // namespace

Jsonb *make_condition_input(DueJob const &job)
{
	char time[MAXDATELEN + 1];
	call([&] { JsonEncodeDateTime(time, TimestampTzGetDatum(job.occurred_at), TIMESTAMPTZOID, nullptr); });
	JsonbObject event, contact, input;
	event.add("name", std::string_view(job.event_name));
	event.add("occurred_at", std::string_view(time));
	contact.add("email", std::string_view(job.email));
	input.add("event", join(job.event_properties, event));
	input.add("contact", join(job.contact_properties, contact));
	Datum const whole = input.finish();
	return call([whole] { return DatumGetJsonbP(whole); });
}

} // namespace vero::pg
