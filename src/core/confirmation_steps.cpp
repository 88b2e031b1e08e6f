// What is to be done after an import, and the commands that do it.
#include "core/confirmation_report.hpp"
#include "core/text.hpp"
#include "core/visible_text.hpp"

namespace vero {

namespace {

void add_corrections(std::vector<ReportStep> &steps, ImportOutcome const &outcome)
{
	std::string const id = std::to_string(outcome.import_id);
	std::string const file = rejects_file_name(outcome.import_id);
	std::string const sentence =
		outcome.rejects_file == RejectsFile::attached
			? "Correct the records in the attached file " + file + ". To write that file anew, in psql:"
		: outcome.rejects_file == RejectsFile::too_big
			? "The rejected records are too many to be attached. Write them to a file, in psql, and correct them there:"
			: "Write the rejected records to a file, in psql, and correct them there:";
	steps.push_back(
		{sentence, "\\copy vero.rejected_rows TO '" + file + "' WITH (FORMAT vero_csv, import " + id + ")"});
	bool const triggers = outcome.triggers_campaigns;
	steps.push_back({"Import the corrected file from your machine, in psql:",
					 "\\copy vero.events FROM '" + file + "' WITH (FORMAT vero_csv, parent_import " + id +
						 (triggers ? ", trigger_campaigns true)" : ")")});
	steps.push_back({"Or, if it lies on the server:", "SELECT * FROM import_events_csv('/path/to/" + file +
														  "', parent_import => " + id +
														  (triggers ? ", trigger_campaigns => true);" : ");")});
}

void add_options(std::vector<ReportStep> &steps, ImportOutcome const &outcome)
{
	std::string names;
	for (auto const &option : outcome.options) {
		names += (names.empty() ? "" : ", ") + to_visible(clip(to_printable(option), 50));
	}
	if (!names.empty()) {
		steps.push_back({"Give the options again that this import had (" + names + "). They were:",
						 "SELECT options FROM vero.imports WHERE id = " + std::to_string(outcome.import_id) + ";"});
	}
}

} // namespace

std::vector<ReportStep> make_steps(ImportOutcome const &outcome)
{
	std::string const id = std::to_string(outcome.import_id);
	bool const is_stored = outcome.state != ImportEnd::failed && !outcome.is_dry_run;
	std::vector<ReportStep> steps;
	if (is_stored && outcome.rows_imported != 0) {
		steps.push_back({"See the imported events:",
						 "SELECT * FROM vero.timeline WHERE import_id = " + id + " ORDER BY occurred_at LIMIT 100;"});
	}
	if (is_stored && outcome.jobs_scheduled + outcome.jobs_discarded != 0) {
		steps.push_back({"See which mails are scheduled, and which are not and why:",
						 "SELECT state, reason, count(*) FROM vero.trigger_jobs WHERE import_id = " + id +
							 " GROUP BY state, reason;"});
	}
	if (!outcome.first_rejects.empty() && !outcome.is_undone) {
		steps.push_back(
			{"See all rejected records and what is wrong with them:",
			 "SELECT line_number, reason, raw_record FROM vero.rejected_rows WHERE import_id = " + id + ";"});
	}
	if (is_stored) {
		if (!outcome.first_rejects.empty()) {
			add_corrections(steps, outcome);
			add_options(steps, outcome);
		}
		return steps;
	}
	bool const is_right = outcome.state == ImportEnd::completed && outcome.rows_rejected == 0;
	steps.push_back({is_right			 ? "Import the file without dry_run:"
					 : outcome.is_undone ? "When the cause is mended, import it again (nothing of it is stored):"
										 : "Correct the file, and import all of it (nothing of it is stored):",
					 "SELECT * FROM import_events_csv('/path/to/file.csv');"});
	add_options(steps, outcome);
	return steps;
}

} // namespace vero
