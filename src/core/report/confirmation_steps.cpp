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
	std::string words; ///< what to do, a sentence without its end
	std::string what;  ///< what is imported
	std::string file;
	std::int64_t parent; ///< the import whose options hold
	Compression compression = Compression::none;
	bool is_repeat = false;
};

/// psql's \copy works line by line, on text: a NUL ends a line.
void add_import_of_utf16(NextStep &step, std::string const &purpose, std::string const &file,
						 std::string const &arguments)
{
	step.commands.push_back(
		{purpose + ", in psql, whose \\copy cannot send UTF-16:", "\\set content `base64 < " + file + "`"});
	step.commands.push_back(
		{"And then:", "SELECT * FROM import_events_csv(content => decode(:'content', 'base64')" + arguments + ");"});
}

void add_import(NextStep &step, ImportOutcome const &outcome, NextImport const &next)
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
	step.sentence = next.words + "." + (options.empty() ? "" : " The same options hold: " + options + ".") +
					" The commands are at the end of this mail.";
	std::string const purpose = "To import " + next.what + " from your machine";
	if (outcome.is_utf16) {
		add_import_of_utf16(step, purpose, next.file, arguments);
	} else {
		step.commands.push_back(
			{purpose + ", in psql:", "\\copy vero.events FROM '" + next.file + "' WITH (" + copy_options + ")"});
	}
	step.commands.push_back({"Or, if the file lies on the server:",
							 "SELECT * FROM import_events_csv('/path/to/" + next.file + "'" + arguments + ");"});
}

/// Importing all of a file of which nothing is stored.
NextStep import_again(ImportOutcome const &outcome)
{
	NextImport next{"", "the file", "file.csv" + std::string(file_ending(outcome.compression)), outcome.import_id,
					outcome.compression};
	if (outcome.is_repeat) {
		next.words =
			"There is nothing left to do, unless the events are to be stored a second time. Then import the file again";
		next.is_repeat = true;
	} else if (outcome.is_undone) {
		next.words = "When the cause is mended, import the file again; nothing of it is stored";
	} else if (outcome.state == ImportState::failed) {
		next.words = "Correct the file or the options, and import all of it; nothing of it is stored";
	} else if (outcome.rows_read == 0) {
		return {};
	} else {
		bool const is_to_correct = outcome.rows_rejected != 0 && !outcome.has_only_forgotten_rejects();
		next.words = is_to_correct ? "Correct the file, and import all of it without dry_run"
								   : "Import the file without dry_run";
	}
	NextStep step;
	add_import(step, outcome, next);
	return step;
}

/// Trying the rejects of an import once more, of which nothing is stored.
NextStep retry_again(ImportOutcome const &outcome)
{
	std::string const retry = "retry the rejects of import " + std::to_string(outcome.retried_import);
	std::string const correct = "Correct corrected_record in vero.rejected_rows, and " + retry;
	NextStep step;
	if (outcome.is_undone) {
		step.sentence = "When the cause is mended, " + retry + " again; nothing of them is stored";
	} else if (outcome.state == ImportState::failed) {
		step.sentence = correct + " again, or with other options; nothing of them is stored";
	} else {
		step.sentence = (outcome.rows_rejected != 0 ? correct : "R" + retry.substr(1)) + " without dry_run";
	}
	step.sentence += ". The command is at the end of this mail.";
	step.commands.push_back(
		{"To retry them:", "SELECT * FROM vero.retry_rejects(" + std::to_string(outcome.retried_import) +
							   (outcome.triggers_campaigns ? ", trigger_campaigns => true" : "") + ");"});
	return step;
}

} // namespace

NextStep make_next_step(ImportOutcome const &outcome)
{
	if (!is_stored(outcome)) {
		return outcome.retried_import != 0 ? retry_again(outcome) : import_again(outcome);
	}
	if (outcome.first_rejects.empty() || outcome.has_only_forgotten_rejects()) {
		return {};
	}
	NextStep step;
	NextImport next{"", "the corrected file", rejects_file_name(outcome.import_id), outcome.import_id};
	if (outcome.rejects_file == RejectsFile::attached) {
		next.words = "Correct the records in the attached file " + next.file + ", and import that file";
	} else {
		next.words = std::string(outcome.rejects_file == RejectsFile::too_big
									 ? "The rejected records are too many to be attached. Write them"
									 : "Write the rejected records") +
					 " to a file, correct them there, and import that file";
		step.commands.push_back(
			{"To write the rejected records to a file, in psql:", write_rejects_command(outcome.import_id)});
	}
	add_import(step, outcome, next);
	return step;
}

std::vector<ReportCommand> make_queries(ImportOutcome const &outcome)
{
	std::string const id = std::to_string(outcome.import_id);
	std::vector<ReportCommand> queries;
	if (is_stored(outcome) && outcome.rows_imported != 0) {
		queries.push_back({"The imported events:",
						   "SELECT * FROM vero.timeline WHERE import_id = " + id + " ORDER BY occurred_at LIMIT 100;"});
	}
	if (is_stored(outcome) && outcome.jobs_scheduled + outcome.jobs_discarded != 0) {
		queries.push_back({"Which mails are scheduled, and which are not and why:",
						   "SELECT state, reason, count(*) FROM vero.trigger_jobs WHERE import_id = " + id +
							   " GROUP BY state, reason;"});
	}
	if (outcome.is_dry_run && !outcome.campaigns.empty()) {
		queries.push_back({"Which mails there would be, and who would get most:",
						   "SELECT * FROM vero.import_forecast WHERE import_id = " + id + ";"});
	}
	if (!outcome.first_rejects.empty() && !outcome.is_undone) {
		queries.push_back(
			{"All rejected records, and what is wrong with them:",
			 "SELECT line_number, reason, raw_record FROM vero.rejected_rows WHERE import_id = " + id + ";"});
	}
	if (outcome.rejects_file == RejectsFile::attached) {
		queries.push_back({"The attached file, written anew in psql:", write_rejects_command(outcome.import_id)});
	}
	return queries;
}

} // namespace vero
