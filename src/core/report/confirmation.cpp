// Writes the mail that tells people how an import ended.
#include "core/report/confirmation.hpp"

#include "core/report/confirmation_report.hpp"

namespace vero {

Confirmation write_confirmation(ImportOutcome const &outcome)
{
	auto const report = make_report(outcome);
	return {report.subject, lay_out_text(report), lay_out_html(report)};
}

std::string rejects_file_name(std::int64_t import_id)
{
	return "rejects-" + std::to_string(import_id) + ".csv";
}

} // namespace vero
