// A campaign whose jobs are foretold.
#include "pg/forecast/forecast_campaign.hpp"

#include "pg/base/boundary.hpp"
#include "pg/forecast/forecast_entry.hpp"
#include "pg/sql/statement.hpp"

namespace vero::pg {
namespace {

constexpr Statement kCondition{
	R"(
	SELECT c.condition, c.condition::text AS text
	FROM vero.campaigns AS c
	WHERE c.id = $1)",
	{INT8OID},
	{{"condition", JSONPATHOID}, {"text", TEXTOID}}};

struct Condition {
	std::vector<char> path;
	std::string text;
};

Condition find_condition(Catalog const &catalog, std::int64_t campaign)
{
	auto [path, text] = call([&]() -> std::pair<std::string_view, std::string_view> {
		auto rows = run_as_owner<kCondition>(catalog, {campaign});
		std::optional<Datum> condition = rows.count() == 0 ? std::nullopt : rows[0].optional_datum("condition");
		if (!condition)
			return {};
		auto *path = PG_DETOAST_DATUM(*condition);
		return {{reinterpret_cast<char const *>(path), VARSIZE(path)}, *rows[0].text("text")};
	});
	return {{path.begin(), path.end()}, std::string(text)};
}

bool reads_contact_properties(std::optional<ConditionReach> const &reach)
{
	auto const is_property = [](std::string const &key) { return key != "email"; };
	return !reach || std::any_of(reach->contact_keys.begin(), reach->contact_keys.end(), is_property);
}

/// Whether any tag of the templates is such a one.
template <class Is> bool has_tag(MailTemplates const &templates, Is &&is)
{
	for (auto const *part : {&templates.subject, &templates.body_text, &templates.body_html}) {
		if (!*part)
			continue;
		for (Template::Piece const &piece : (*part)->pieces()) {
			if (piece.tag && is(*piece.tag))
				return true;
		}
	}
	return false;
}

/// Where that is the same for all jobs.
std::optional<bool> makes_mail(Campaign const &campaign)
{
	if (!campaign.templates)
		return false;
	if (has_tag(*campaign.templates, [](MergeTag const &) { return true; }))
		return std::nullopt;
	return write_mail({}, campaign).has_value();
}

} // namespace

ForecastCampaign find_forecast_campaign(Catalog const &catalog, std::int64_t id)
{
	Condition condition = find_condition(catalog, id);
	Campaigns found = find_campaigns(catalog, std::span<std::int64_t const>(&id, 1));
	ForecastCampaign campaign{std::move(found.at(id)), std::move(condition.path), find_condition_reach(condition.text)};
	auto const is_of_contact = [](MergeTag const &tag) { return tag.field == MergeField::contact_property; };
	campaign.reads_contact_properties =
		reads_contact_properties(campaign.condition_reach) ||
		(campaign.campaign.templates && has_tag(*campaign.campaign.templates, is_of_contact));
	campaign.makes_mail = makes_mail(campaign.campaign);
	return campaign;
}

std::uint16_t judge_foretold(DueJob const &job, ForecastCampaign const &campaign)
{
	if (!job.error.empty() || !campaign.makes_mail.value_or(false))
		return mark_of(judge_job(job, campaign.campaign));
	std::optional<Discard> const reason = reason_to_discard(job, campaign.campaign);
	return reason ? mark_of(*reason) : 0;
}

} // namespace vero::pg
