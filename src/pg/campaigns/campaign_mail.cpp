// Renders a campaign's mail for one job.
#include "pg/campaigns/job_decision.hpp"

#include "core/campaign/html_text.hpp"
#include "core/mail/mail_message.hpp"
#include "core/text/text.hpp"
#include "pg/base/boundary.hpp"
#include "pg/base/timestamp.hpp"

extern "C" {
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

namespace vero::pg {
namespace {

/// Takes one step down into the object or array. To be called in call().
JsonbValue *descend(JsonbContainer *container, PathStep const &step)
{
	if (auto const *key = std::get_if<std::string>(&step)) {
		return JsonContainerIsObject(container)
				   ? getKeyJsonValueFromContainer(container, key->data(), static_cast<int>(key->size()), nullptr)
				   : nullptr;
	}
	std::int64_t index = std::get<std::int32_t>(step);
	if (!JsonContainerIsArray(container) || JsonContainerIsScalar(container))
		return nullptr;
	std::int64_t size = JsonContainerSize(container);
	index = index < 0 ? size + index : index;
	return index < 0 || index >= size ? nullptr
									  : getIthJsonbValueFromContainer(container, static_cast<std::uint32_t>(index));
}

/// The value as people read it. To be called in call().
std::optional<std::string_view> text_of(JsonbValue const &value)
{
	switch (value.type) {
	case jbvString:
		return std::string_view(value.val.string.val, value.val.string.len);
	case jbvNumeric:
		return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value.val.numeric)));
	case jbvBool:
		return value.val.boolean ? "true" : "false";
	case jbvBinary:
		return JsonbToCString(nullptr, value.val.binary.data, value.val.binary.len);
	default:
		return std::nullopt;
	}
}

std::optional<std::string> find_value(Jsonb *object, std::span<PathStep const> steps)
{
	std::optional<std::string_view> text = call([&]() -> std::optional<std::string_view> {
		JsonbContainer *container = &object->root;
		JsonbValue *value = nullptr;
		for (PathStep const &step : steps) {
			if (container == nullptr || (value = descend(container, step)) == nullptr)
				return std::nullopt;
			container = value->type == jbvBinary ? value->val.binary.data : nullptr;
		}
		return value == nullptr ? std::nullopt : text_of(*value);
	});
	return text ? std::optional<std::string>(*text) : std::nullopt;
}

/// Nothing where the campaign has no such part.
Result<std::optional<std::string>> render_part(std::optional<Template> const &part, MergeValues const &values)
{
	if (!part)
		return std::nullopt;
	return render(*part, values);
}

/// For a part in which nothing is seen; names the tags that nothing came of.
std::string describe_blank(char const *part, Template const &source, MergeValues values)
{
	std::string tags;
	values.note_empty = [&](MergeTag const &tag) { tags += (tags.empty() ? "" : ", ") + path_of(tag); };
	(void)render(source, values);
	return std::string("the mail's ") + part + " is blank" + (tags.empty() ? "" : ": nothing is in " + tags);
}

/// Nothing where each part of the mail has something to say.
std::optional<std::string> find_blank_part(CampaignMail const &mail, MailTemplates const &templates,
										   MergeValues const &values)
{
	auto is_blank = [](std::optional<std::string> const &text) { return text && trim_unseen(*text).empty(); };
	if (is_blank(mail.subject))
		return describe_blank("subject", *templates.subject, values);
	if (is_blank(mail.body_text))
		return describe_blank("body_text", *templates.body_text, values);
	if (mail.body_html && is_blank_html(*mail.body_html))
		return describe_blank("body_html", *templates.body_html, values);
	return std::nullopt;
}

} // namespace

Result<CampaignMail> write_mail(DueJob const &job, Campaign const &campaign,
								std::function<void(MergeTag const &)> note_empty)
{
	if (!campaign.templates)
		return tl::make_unexpected(campaign.templates.error());
	MergeValues values{job.event_name,
					   Instant{to_unix_us(job.occurred_at)},
					   job.email,
					   [&](std::span<PathStep const> steps) { return find_value(job.event_properties, steps); },
					   [&](std::span<PathStep const> steps) { return find_value(job.contact_properties, steps); },
					   std::move(note_empty)};
	auto subject = render_part(campaign.templates->subject, values);
	auto body_text = render_part(campaign.templates->body_text, values);
	auto body_html = render_part(campaign.templates->body_html, values);
	for (auto *part : {&subject, &body_text, &body_html}) {
		if (!*part)
			return tl::make_unexpected(std::move(part->error()));
	}
	CampaignMail mail{job.event_id,			 job.campaign_id,
					  job.contact_id,		 job.email,
					  campaign.from_address, clip(subject->value_or(""), kMaxSubject),
					  *std::move(body_text), *std::move(body_html)};
	if (auto blank = find_blank_part(mail, *campaign.templates, values))
		return tl::make_unexpected(*std::move(blank));
	return mail;
}

} // namespace vero::pg
