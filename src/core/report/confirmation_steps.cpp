// What is to be done after an import, what else there is to see, and the commands for both.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "core/text/visible_text.hpp"

namespace vero {

namespace {

constexpr std::size_t kMaxOptionName = 50;

bool is_stored(ImportOutcome const &outcome)
{
	return outcome.state != ImportState::failed && !outcome.is_dry_run;
}

/// "delimiter, columns": those that hold for what is imported next.
std::string list_options(ImportOutcome const &outcome)
{
	std::string names;
	for (auto const &option : outcome.options) {
		// corrected rejects begin with the header, are not compressed, and are few of a file's records
		if (is_stored(outcome) && (option == "skip_lines" || option == "compression" || option == "reject_limit")) {
			continue;
		}
		names += (names.empty() ? "" : ", ") + to_visible(clip_printable(option, kMaxOptionName));
	}
	return names;
}

std::string write_rejects_command(std::int64_t import_id)
{
	return "\\copy vero.rejected_rows TO '" + rejects_file_name(import_id) + "' WITH (FORMAT vero_csv, import " +
		   std::to_string(import_id) + ")";
}

/// What is imported, and from where.
struct NextImport {
	std::string words; ///< the beginning of a sentence
	std::string remark;
	std::string file;
	std::int64_t parent; ///< the import whose options hold
	Compression compression = Compression::none;
	bool is_repeat = false;
};

/// psql's \copy works line by line, on text: a NUL ends a line.
void add_import_of_utf16(std::vector<ReportStep> &steps, std::string const &words, std::string const &file,
						 std::string const &arguments)
{
	steps.push_back({words + " From your machine, in psql, whose \\copy cannot send UTF-16:",
					 "\\set content `base64 < " + file + "`"});
	steps.push_back(
		{"And then:", "SELECT * FROM import_events_csv(content => decode(:'content', 'base64')" + arguments + ");"});
}

void add_import(std::vector<ReportStep> &steps, ImportOutcome const &outcome, NextImport const &next)
{
	auto const parent = std::to_string(next.parent);
	std::string copy_options = "FORMAT vero_csv, parent_import " + parent;
	std::string arguments = ", parent_import => " + parent;
	if (next.compression != Compression::none) { // psql sends bytes as they are where it is told only
		copy_options += ", compression " + std::string(name_of(next.compression));
	}
	if (next.is_repeat) {
		copy_options += ", allow_repeat true";
		arguments += ", allow_repeat => true";
	}
	if (outcome.triggers_campaigns) {
		copy_options += ", trigger_campaigns true";
		arguments += ", trigger_campaigns => true";
	}
	auto const options = list_options(outcome);
	auto const words =
		next.words + next.remark + "." + (options.empty() ? "" : " The same options hold: " + options + ".");
	if (outcome.is_utf16) {
		add_import_of_utf16(steps, words, next.file, arguments);
	} else {
		steps.push_back({words + " From your machine, in psql:",
						 "\\copy vero.events FROM '" + next.file + "' WITH (" + copy_options + ")"});
	}
	steps.push_back({"Or, if the file lies on the server:",
					 "SELECT * FROM import_events_csv('/path/to/" + next.file + "'" + arguments + ");"});
}

/// Importing all of a file of which nothing is stored.
void add_again(std::vector<ReportStep> &steps, ImportOutcome const &outcome)
{
	NextImport next{"", "; nothing of it is stored", "file.csv" + std::string(file_ending(outcome.compression)),
					outcome.import_id, outcome.compression};
	if (outcome.is_repeat) {
		next.words =
			"There is nothing left to do, unless the events are to be stored a second time. Then import the file again";
		next.remark = "";
		next.is_repeat = true;
	} else if (outcome.is_undone) {
		next.words = "When the cause is mended, import the file again";
	} else if (outcome.state == ImportState::failed) {
		next.words = "Correct the file or the options, and import all of it";
	} else if (outcome.rows_read == 0) {
		return;
	} else {
		next.words = outcome.rows_rejected != 0 ? "Correct the file, and import all of it without dry_run"
												: "Import the file without dry_run";
		next.remark = "";
	}
	add_import(steps, outcome, next);
}

} // namespace

std::vector<ReportStep> make_steps(ImportOutcome const &outcome)
{
	std::vector<ReportStep> steps;
	if (!is_stored(outcome)) {
		add_again(steps, outcome);
		return steps;
	}
	if (outcome.first_rejects.empty()) {
		return steps;
	}
	std::string const file = rejects_file_name(outcome.import_id);
	if (outcome.rejects_file == RejectsFile::attached) {
		add_import(steps, outcome,
				   {"Correct the records in the attached file " + file + ", and import that file", "", file,
					outcome.import_id});
		return steps;
	}
	steps.push_back({outcome.rejects_file == RejectsFile::too_big
						 ? "The rejected records are too many to be attached. Write them to a file, in psql, and "
						   "correct them there:"
						 : "Write the rejected records to a file, in psql, and correct them there:",
					 write_rejects_command(outcome.import_id)});
	add_import(steps, outcome, {"Import the corrected file", "", file, outcome.import_id});
	return steps;
}

std::vector<ReportStep> make_queries(ImportOutcome const &outcome)
{
	std::string const id = std::to_string(outcome.import_id);
	std::vector<ReportStep> queries;
	if (is_stored(outcome) && outcome.rows_imported != 0) {
		queries.push_back({"The imported events:",
						   "SELECT * FROM vero.timeline WHERE import_id = " + id + " ORDER BY occurred_at LIMIT 100;"});
	}
	if (is_stored(outcome) && outcome.jobs_scheduled + outcome.jobs_discarded != 0) {
		queries.push_back({"Which mails are scheduled, and which are not and why:",
						   "SELECT state, reason, count(*) FROM vero.trigger_jobs WHERE import_id = " + id +
							   " GROUP BY state, reason;"});
	}
	if (!outcome.first_rejects.empty() && !outcome.is_undone) {
		queries.push_back(
			{"All rejected records, and what is wrong with them:",
			 "SELECT line_number, reason, raw_record FROM vero.rejected_rows WHERE import_id = " + id + ";"});
	}
	if (outcome.rejects_file == RejectsFile::attached) {
		queries.push_back({"The attached file, written anew in psql:", write_rejects_command(outcome.import_id)});
	}
	if (!outcome.options.empty() && !outcome.is_undone) {
		queries.push_back({"The options of this import:", "SELECT options FROM vero.imports WHERE id = " + id + ";"});
	}
	return queries;
}

} // namespace vero
