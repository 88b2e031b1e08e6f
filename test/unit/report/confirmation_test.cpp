// Checks confirmations: what they say for each end of an import, and that nothing from outside acts in them.
#include "core/report/confirmation.hpp"
#include "core/text/text.hpp"
#include "support/plain_html.hpp"

#include <gtest/gtest.h>

namespace vero {

namespace {

using namespace std::string_literals;
using test::read_html;

using Commands = std::vector<std::string>;

ImportOutcome completed()
{
	ImportOutcome outcome;
	outcome.import_id = 7;
	outcome.source = "/srv/imports/orders.csv";
	outcome.rows_read = 3;
	outcome.rows_imported = 3;
	outcome.contacts_created = 1;
	outcome.started_at_us = 1'643'634'306'000'000;
	outcome.finished_at_us = outcome.started_at_us + 1'340'000;
	outcome.imported_by = "marketing";
	outcome.database = "shop";
	return outcome;
}

ImportOutcome with_rejects()
{
	auto outcome = completed();
	outcome.state = ImportState::completed_with_rejects;
	outcome.rows_read = 1'234'567;
	outcome.rows_imported = 1'234'000;
	outcome.rows_rejected = 560;
	outcome.rows_duplicate = 7;
	outcome.rejected_bytes = 9'000;
	outcome.first_rejects = {{3, "\"bad\" is not an email address", "bad,x,2022-01-01"}};
	return outcome;
}

ImportReading plain_reading()
{
	ImportReading reading;
	reading.email = "Customer Email";
	reading.time = {"Ordered at"};
	reading.delimiter = ";";
	reading.encoding = "UTF8";
	reading.compression = "none";
	reading.time_zone = "Europe/Berlin";
	reading.times = {{"ISO 8601", 1204}};
	reading.names = {{"Places order", 1204}};
	reading.distinct_names = 1;
	reading.events = 1204;
	return reading;
}

ImportOutcome failed()
{
	auto outcome = completed();
	outcome.state = ImportState::failed;
	outcome.rows_read = outcome.rows_imported = outcome.contacts_created = 0;
	outcome.error = "the file has no email column";
	return outcome;
}

std::vector<CampaignCounts> two_campaigns()
{
	std::vector<CampaignCounts> campaigns(2);
	campaigns[0].name = "Ask for a review";
	campaigns[0].add_now();
	campaigns[0].of(Discard::overdue) = 2;
	campaigns[1].name = "Thanks";
	campaigns[1].now = 1'234'567;
	campaigns[1].add_later(1'643'634'306'000'000);
	campaigns[1].add_later(1'643'634'307'000'000);
	campaigns[1].of(Discard::future_event) = 1;
	return campaigns;
}

Commands commands_of(std::vector<ReportCommand> const &steps)
{
	Commands commands;
	for (auto const &step : steps) {
		commands.push_back(step.command);
	}
	return commands;
}

bool has_line(std::string const &text, std::string const &line)
{
	return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST(Confirmation, SaysWhatHappened)
{
	auto outcome = completed();
	EXPECT_EQ(write_confirmation(outcome).subject, "Import 7: all 3 records imported (orders.csv)");
	EXPECT_EQ(make_report(outcome).headline, "All 3 records imported.");
	EXPECT_EQ(make_report(outcome).explanation, "There is nothing left to do.");
	EXPECT_EQ(make_report(outcome).tone, Tone::good);
	EXPECT_TRUE(make_report(outcome).next.empty());

	outcome.rows_read = outcome.rows_imported = 1;
	EXPECT_EQ(write_confirmation(outcome).subject, "Import 7: 1 record imported (orders.csv)");
	outcome.rows_read = 4;
	outcome.rows_duplicate = 3;
	EXPECT_EQ(make_report(outcome).headline, "1 of 4 records imported, 3 skipped as duplicates.");
	EXPECT_EQ(make_report(outcome).tone, Tone::good);
}

TEST(Confirmation, CountsDuplicatesWhereTheyWereLookedFor)
{
	auto outcome = completed();
	EXPECT_FALSE(has_line(write_confirmation(outcome).text, "Duplicates:  0"));
	outcome.looks_for_duplicates = true;
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "Duplicates:  0"));
}

TEST(Confirmation, SaysWhatWasRejected)
{
	auto const outcome = with_rejects();
	EXPECT_EQ(write_confirmation(outcome).subject,
			  "Import 7: 1,234,000 of 1,234,567 records imported, 560 rejected, 7 skipped as duplicates (orders.csv)");
	EXPECT_EQ(make_report(outcome).tone, Tone::warning);
	EXPECT_EQ(make_report(outcome).rejects_title, "1 of 560 rejected records");
	auto const text = write_confirmation(outcome).text;
	EXPECT_TRUE(has_line(text, "  Line 3: \"bad\" is not an email address"));
	EXPECT_TRUE(has_line(text, "      bad,x,2022-01-01"));
}

TEST(Confirmation, SaysWhyAnImportFailed)
{
	auto outcome = failed();
	EXPECT_EQ(write_confirmation(outcome).subject, "Import 7 failed: the file has no email column (orders.csv)");
	EXPECT_EQ(make_report(outcome).headline, "The import failed. Nothing was imported.");
	EXPECT_EQ(make_report(outcome).explanation, "The file has no email column.");
	EXPECT_EQ(make_report(outcome).tone, Tone::bad);
	outcome.is_dry_run = true;
	EXPECT_EQ(write_confirmation(outcome).subject, "Dry run 7 failed: the file has no email column (orders.csv)");
	EXPECT_EQ(make_report(outcome).headline, "The dry run failed.");
	auto const explanation_of = [&](std::string const &error) {
		outcome.error = error;
		return make_report(outcome).explanation;
	};
	EXPECT_EQ(explanation_of("option \"delimiter\" is wrong."), "Option \"delimiter\" is wrong.");
	EXPECT_EQ(explanation_of("time_formats is wrong"), "time_formats is wrong.");
	EXPECT_EQ(explanation_of("\"x\" is wrong"), "\"x\" is wrong.");
	EXPECT_EQ(explanation_of("canceled"), "Canceled.");
	EXPECT_EQ(explanation_of(""), "");
}

TEST(Confirmation, WondersAboutAFileWithoutRecords)
{
	auto outcome = completed();
	outcome.rows_read = outcome.rows_imported = 0;
	EXPECT_EQ(write_confirmation(outcome).subject, "Import 7: no records in the file (orders.csv)");
	EXPECT_EQ(make_report(outcome).headline, "No records in the file.");
	EXPECT_EQ(make_report(outcome).tone, Tone::warning);
	outcome.is_dry_run = true;
	EXPECT_EQ(make_report(outcome).headline, "Dry run: no records in the file.");
	EXPECT_TRUE(make_report(outcome).next.empty());
}

TEST(Confirmation, SaysThatADryRunStoredNothing)
{
	auto outcome = completed();
	outcome.is_dry_run = true;
	EXPECT_EQ(write_confirmation(outcome).subject, "Dry run 7: all 3 records would be imported (orders.csv)");
	EXPECT_EQ(make_report(outcome).headline, "Dry run: all 3 records would be imported.");
	EXPECT_EQ(make_report(outcome).explanation, "No contact and no event was stored.");
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "Importable:  3"));
}

TEST(Confirmation, GivesTheCommandThatComesNext)
{
	auto outcome = with_rejects();
	outcome.rejects_file = RejectsFile::attached;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands),
			  (Commands{"\\copy vero.events FROM 'rejects-7.csv' WITH (FORMAT vero_csv, parent_import 7)",
						"SELECT * FROM import_events_csv('/path/to/rejects-7.csv', parent_import => 7);"}));
	EXPECT_EQ(
		make_next_step(outcome).sentence,
		"Correct the records in the attached file rejects-7.csv, and import that file. The commands are at the end "
		"of this mail.");
	outcome.triggers_campaigns = true;
	outcome.options = {"delimiter", "columns"};
	EXPECT_EQ(commands_of(make_next_step(outcome).commands),
			  (Commands{"\\copy vero.events FROM 'rejects-7.csv' WITH (FORMAT vero_csv, parent_import 7, "
						"trigger_campaigns true)",
						"SELECT * FROM import_events_csv('/path/to/rejects-7.csv', parent_import => 7, "
						"trigger_campaigns => true);"}));
	EXPECT_EQ(make_next_step(outcome).sentence,
			  "Correct the records in the attached file rejects-7.csv, and import that file. The same options hold: "
			  "delimiter, columns. The commands are at the end of this mail.");
	for (auto const file : {RejectsFile::none, RejectsFile::too_big}) {
		outcome.rejects_file = file;
		auto const commands = commands_of(make_next_step(outcome).commands);
		ASSERT_EQ(commands.size(), 3);
		EXPECT_EQ(commands[0], "\\copy vero.rejected_rows TO 'rejects-7.csv' WITH (FORMAT vero_csv, import 7)");
	}
	outcome.first_rejects.clear();
	EXPECT_TRUE(make_next_step(outcome).commands.empty());
	EXPECT_EQ(make_next_step(outcome).sentence, "");
}

TEST(Confirmation, LeavesNothingToDoForRecordsOfForgottenPeople)
{
	auto outcome = with_rejects();
	outcome.rejected_bytes = 0;
	outcome.first_rejects = {{3, "the address is one that was forgotten: the record is not kept", ""}};
	std::string const words =
		"The rejected records are of people who were forgotten. They are not kept, and nothing is left to do for them.";
	EXPECT_EQ(make_report(outcome).explanation, words);
	EXPECT_EQ(make_next_step(outcome).sentence, "");
	EXPECT_TRUE(make_next_step(outcome).commands.empty());
	auto const [subject, text, html] = write_confirmation(outcome);
	for (auto const &body : {text, html}) {
		EXPECT_NE(body.find(words), std::string::npos);
		EXPECT_EQ(body.find("orrect"), std::string::npos);
		EXPECT_EQ(body.find("rejects-7.csv"), std::string::npos);
	}
	outcome.is_dry_run = true;
	EXPECT_EQ(make_next_step(outcome).sentence,
			  "Import the file without dry_run. The commands are at the end of this mail.");
}

TEST(Confirmation, GivesTheCommandThatRetriesRejects)
{
	auto const sentence = [](ImportOutcome const &outcome) { return make_next_step(outcome).sentence; };
	auto outcome = completed();
	outcome.retried_import = 5;
	EXPECT_TRUE(make_next_step(outcome).commands.empty());
	outcome.is_dry_run = true;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands), Commands{"SELECT * FROM vero.retry_rejects(5);"});
	EXPECT_EQ(sentence(outcome),
			  "Retry the rejects of import 5 without dry_run. The command is at the end of this mail.");
	outcome.rows_rejected = 1;
	EXPECT_EQ(sentence(outcome),
			  "Correct corrected_record in vero.rejected_rows, and retry the rejects of import 5 without dry_run. The "
			  "command is at the end of this mail.");
	outcome = failed();
	outcome.retried_import = 5;
	outcome.triggers_campaigns = true;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands),
			  Commands{"SELECT * FROM vero.retry_rejects(5, trigger_campaigns => true);"});
	EXPECT_EQ(sentence(outcome),
			  "Correct corrected_record in vero.rejected_rows, and retry the rejects of import 5 again, or with other "
			  "options; nothing of them is stored. The command is at the end of this mail.");
	outcome.is_undone = true;
	EXPECT_EQ(sentence(outcome), "When the cause is mended, retry the rejects of import 5 again; nothing of them is "
								 "stored. The command is at the end of this mail.");
}

TEST(Confirmation, GivesTheCommandThatImportsAllAgain)
{
	Commands const again{"\\copy vero.events FROM 'file.csv' WITH (FORMAT vero_csv, parent_import 7)",
						 "SELECT * FROM import_events_csv('/path/to/file.csv', parent_import => 7);"};
	auto const sentence = [](ImportOutcome const &outcome) { return make_next_step(outcome).sentence; };
	auto outcome = failed();
	EXPECT_EQ(commands_of(make_next_step(outcome).commands), again);
	EXPECT_EQ(
		sentence(outcome),
		"Correct the file or the options, and import all of it; nothing of it is stored. The commands are at the end "
		"of this mail.");
	outcome.is_undone = true;
	outcome.options = {"delimiter"};
	EXPECT_EQ(commands_of(make_next_step(outcome).commands), again);
	EXPECT_EQ(sentence(outcome), "When the cause is mended, import the file again; nothing of it is stored. The "
								 "same options hold: delimiter. The commands are at the end of this mail.");
	outcome = completed();
	outcome.is_dry_run = true;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands), again);
	EXPECT_EQ(sentence(outcome), "Import the file without dry_run. The commands are at the end of this mail.");
	outcome = with_rejects();
	outcome.is_dry_run = true;
	outcome.triggers_campaigns = true;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands),
			  (Commands{"\\copy vero.events FROM 'file.csv' WITH (FORMAT vero_csv, parent_import 7, trigger_campaigns "
						"true)",
						"SELECT * FROM import_events_csv('/path/to/file.csv', parent_import => 7, trigger_campaigns => "
						"true);"}));
	EXPECT_EQ(sentence(outcome),
			  "Correct the file, and import all of it without dry_run. The commands are at the end of this mail.");
}

TEST(Confirmation, SendsNoUtf16ByCopy)
{
	auto outcome = with_rejects();
	outcome.is_utf16 = true;
	outcome.rejects_file = RejectsFile::attached;
	auto const step = make_next_step(outcome);
	EXPECT_EQ(commands_of(step.commands),
			  (Commands{"\\set content `base64 < rejects-7.csv`",
						"SELECT * FROM import_events_csv(content => decode(:'content', 'base64'), parent_import => 7);",
						"SELECT * FROM import_events_csv('/path/to/rejects-7.csv', parent_import => 7);"}));
	EXPECT_EQ(step.commands[0].purpose,
			  "To import the corrected file from your machine, in psql, whose \\copy cannot send UTF-16:");
	outcome = failed();
	outcome.is_utf16 = true;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands),
			  (Commands{"\\set content `base64 < file.csv`",
						"SELECT * FROM import_events_csv(content => decode(:'content', 'base64'), parent_import => 7);",
						"SELECT * FROM import_events_csv('/path/to/file.csv', parent_import => 7);"}));
}

TEST(Confirmation, SendsArchivesAsTheyAre)
{
	auto outcome = failed();
	outcome.compression = Compression::gzip;
	EXPECT_EQ(
		commands_of(make_next_step(outcome).commands),
		(Commands{"\\copy vero.events FROM 'file.csv.gz' WITH (FORMAT vero_csv, parent_import 7, compression gzip)",
				  "SELECT * FROM import_events_csv('/path/to/file.csv.gz', parent_import => 7);"}));
	outcome.compression = Compression::zstd;
	outcome.is_utf16 = true;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands),
			  (Commands{"\\set content `base64 < file.csv.zst`",
						"SELECT * FROM import_events_csv(content => decode(:'content', 'base64'), parent_import => 7);",
						"SELECT * FROM import_events_csv('/path/to/file.csv.zst', parent_import => 7);"}));
	// corrected rejects are no archive
	outcome = with_rejects();
	outcome.compression = Compression::gzip;
	outcome.rejects_file = RejectsFile::attached;
	EXPECT_EQ(commands_of(make_next_step(outcome).commands).at(0),
			  "\\copy vero.events FROM 'rejects-7.csv' WITH (FORMAT vero_csv, parent_import 7)");
}

TEST(Confirmation, SaysWhatWasTakenForWhat)
{
	auto outcome = completed();
	outcome.reading = plain_reading();
	EXPECT_EQ(make_report(outcome).reading,
			  (Commands{"Email from 'Customer Email', time from 'Ordered at' (Europe/Berlin), events: 'Places order' "
						"1,204.",
						"Delimiter ';', encoding UTF8."}));
	EXPECT_EQ(make_report(outcome).explanation, "There is nothing left to do.");
	auto &reading = *outcome.reading;
	reading.event_name = "Name";
	reading.time = {"Date", "Time"};
	reading.names.push_back({"Refunds\norder", 12});
	reading.distinct_names = 5;
	reading.delimiter = "\t";
	reading.compression = "gzip";
	reading.times = {{"ISO 8601", 1200}, {"%d/%m/%Y", 4}};
	EXPECT_EQ(
		make_report(outcome).reading,
		(Commands{"Email from 'Customer Email', time from 'Date' and 'Time' (Europe/Berlin), names of events from "
				  "'Name': 'Places order' 1,204, 'Refunds\\norder' 12 and 3 other names.",
				  "Delimiter tab, encoding UTF8, compressed with gzip.", "Times: 1,200 in ISO 8601, 4 in %d/%m/%Y."}));
	reading.distinct_names = 1000;
	reading.are_all_names_counted = false;
	EXPECT_NE(make_report(outcome).reading[0].find("and at least 998 other names."), std::string::npos);
	reading.names.clear();
	reading.distinct_names = 0;
	EXPECT_TRUE(make_report(outcome).reading[0].ends_with("names of events from 'Name'."));
	EXPECT_TRUE(make_report(completed()).reading.empty());
}

TEST(Confirmation, CountsWhatIsInNoEvent)
{
	auto outcome = completed();
	outcome.reading = plain_reading();
	auto const has = [&](std::string const &line) { return has_line(write_confirmation(outcome).text, line); };
	for (auto const *const word : {"Blank records", "Short records", "Long records", "Trimmed", "Left out"}) {
		EXPECT_EQ(write_confirmation(outcome).text.find(word), std::string::npos);
	}
	outcome.reading->blank_records = 1234;
	outcome.reading->padded_records = 2;
	outcome.reading->overlong_records = 3;
	outcome.reading->trimmed_cells = 1;
	outcome.reading->ignored = {"a", "b"};
	outcome.reading->ignored_columns = 12;
	EXPECT_TRUE(has("Blank records:  1,234, passed over"));
	EXPECT_TRUE(has("Short records:  2, filled up"));
	EXPECT_TRUE(has("Long records:   3, whose cells beyond the header are blank"));
	EXPECT_TRUE(has("Trimmed:        what is not seen, in 1 cell"));
	EXPECT_TRUE(has("Left out:       'a', 'b' and 10 other columns"));
}

TEST(Confirmation, WarnsWhereEachEventHasANameOfItsOwn)
{
	auto outcome = completed();
	outcome.reading = plain_reading();
	auto &reading = *outcome.reading;
	reading.event_name = "Name";
	reading.doubt = {3, true, 3};
	auto report = make_report(outcome);
	EXPECT_EQ(report.warnings,
			  Commands{"Nearly every record has a name of its own: 3 names for 3 records. If 'Name' does not say what "
					   "happened, the option event_name does, for all events."});
	EXPECT_EQ(report.tone, Tone::warning);
	EXPECT_EQ(report.explanation, "");
	reading.doubt = {1000, false, 5000};
	EXPECT_NE(make_report(outcome).warnings[0].find("at least 1,000 names for 5,000 records"), std::string::npos);
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "Warning: " + make_report(outcome).warnings[0]));
}

TEST(Confirmation, SaysWhyThereIsNoMail)
{
	auto outcome = completed();
	outcome.triggers_campaigns = true;
	outcome.names_without_campaign = {{"a", 1}, {"Buys", 2}};
	auto report = make_report(outcome);
	EXPECT_EQ(report.tone, Tone::warning);
	EXPECT_EQ(report.explanation, "No mail was scheduled: no active campaign is for events of these names.");
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "No campaign for:  'Buys' 2, 'a' 1"));
	outcome.names_without_campaign.pop_back();
	EXPECT_EQ(make_report(outcome).explanation,
			  "No mail was scheduled: no active campaign is for events of this name.");
	outcome.names_without_campaign.clear();
	outcome.jobs_discarded = 3;
	outcome.jobs_overdue = 2;
	outcome.jobs_of_future = 1;
	EXPECT_EQ(make_report(outcome).explanation, "No mail was scheduled: all 3 were discarded: 2 overdue (further back "
												"than a campaign's delay and grace), 1 future_event.");
	EXPECT_TRUE(has_line(write_confirmation(outcome).text,
						 "Campaigns:     0 mails scheduled, 3 discarded: 2 overdue, 1 future_event"));
	outcome.is_dry_run = true;
	outcome.jobs_discarded = outcome.jobs_of_future = 1;
	outcome.jobs_overdue = 0;
	EXPECT_EQ(make_report(outcome).explanation, "No contact and no event was stored. No mail would be scheduled: the "
												"only one was discarded: 1 future_event.");
	outcome.is_dry_run = false;
	outcome.state = ImportState::completed_with_rejects;
	outcome.rows_rejected = 1;
	outcome.rejected_bytes = 20;
	outcome.rows_read = 4;
	EXPECT_EQ(make_report(outcome).explanation, "The rejected records were left out. They can be corrected and "
												"imported. No mail was scheduled: the only one was discarded: 1 "
												"future_event.");
	outcome = completed();
	outcome.triggers_campaigns = true;
	outcome.jobs_scheduled = 1;
	outcome.names_without_campaign = {{"a", 1}};
	EXPECT_EQ(make_report(outcome).explanation, "There is nothing left to do.");
}

TEST(Confirmation, TellsOfEachCampaign)
{
	auto outcome = completed();
	outcome.triggers_campaigns = true;
	EXPECT_EQ(write_confirmation(outcome).text.find("Mails:"), std::string::npos);
	outcome.campaigns = two_campaigns();
	EXPECT_NE(write_confirmation(outcome).text.find(
				  "Mails:\n\n"
				  "  Thanks\n"
				  "    1,234,567  Due at once\n"
				  "            2  Due from 2022-01-31 13:05:06 UTC to 2022-01-31 13:05:07 UTC\n"
				  "            1  No mail: not happened yet\n"
				  "  Ask for a review\n"
				  "            1  Due at once\n"
				  "            2  No mail: overdue (further back than the campaign's delay and grace)\n\n"),
			  std::string::npos)
		<< write_confirmation(outcome).text;
	outcome.is_dry_run = true;
	outcome.campaigns[0].contacts = 1;
	outcome.campaigns[1].contacts = 400'000;
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "            1  contact would get it"));
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "      400,000  contacts would get it, 3.1 mails each"));
	EXPECT_EQ(commands_of(make_queries(outcome)), Commands{"SELECT * FROM vero.import_forecast WHERE import_id = 7;"});
	outcome.campaigns.resize(25, outcome.campaigns[0]);
	auto const report = make_report(outcome);
	EXPECT_EQ(report.campaigns_title, "What mails there would be, for 20 of 25 campaigns");
	EXPECT_EQ(report.campaigns.size(), 20);
}

TEST(Confirmation, SumsUpRejectsTheMostFrequentFirst)
{
	auto outcome = with_rejects();
	outcome.reject_kinds = {
		{1, "not an email address", "cer\tsei", ""},
		{1000, "not a time in ISO 8601", "01/02/2022", "time_formats => '{%d/%m/%Y}' or '{%m/%d/%Y}' would read them"},
		{1, "email is missing", "", ""}};
	Commands const kinds{"1,000 times: not a time in ISO 8601, for example 01/02/2022; time_formats => '{%d/%m/%Y}' or "
						 "'{%m/%d/%Y}' would read them",
						 "once: not an email address, for example cer\\tsei", "once: email is missing"};
	EXPECT_EQ(make_report(outcome).reject_kinds, kinds);
	EXPECT_TRUE(has_line(write_confirmation(outcome).text, "  " + kinds[0]));
}

TEST(Confirmation, SaysWhatElseThereIsToSee)
{
	auto outcome = with_rejects();
	outcome.jobs_discarded = 1;
	outcome.options = {"delimiter"};
	outcome.rejects_file = RejectsFile::attached;
	Commands const all{
		"SELECT * FROM vero.timeline WHERE import_id = 7 ORDER BY occurred_at LIMIT 100;",
		"SELECT state, reason, count(*) FROM vero.trigger_jobs WHERE import_id = 7 GROUP BY state, reason;",
		"SELECT line_number, reason, raw_record FROM vero.rejected_rows WHERE import_id = 7;",
		"\\copy vero.rejected_rows TO 'rejects-7.csv' WITH (FORMAT vero_csv, import 7)"};
	EXPECT_EQ(commands_of(make_queries(outcome)), all);
	EXPECT_EQ(commands_of(make_queries(completed())), Commands{all[0]});
	EXPECT_EQ(commands_of(make_queries(failed())), Commands{});
	outcome.is_undone = true;
	outcome.state = ImportState::failed;
	outcome.rejects_file = RejectsFile::none;
	EXPECT_EQ(commands_of(make_queries(outcome)), Commands{});
}

TEST(Confirmation, HasTheFacts)
{
	auto outcome = completed();
	auto const has = [&](std::string const &line) { return has_line(write_confirmation(outcome).text, line); };
	for (auto const *const line :
		 {"Read:      3", "Rejected:  0", "Source:        /srv/imports/orders.csv", "Import:        7",
		  "Database:      shop", "Imported by:   marketing", "Started:       2022-01-31 13:05:06 UTC",
		  "Took:          1.3 seconds", "New contacts:  1", "Campaigns:     not triggered: no mail goes to contacts"}) {
		EXPECT_TRUE(has(line)) << line;
	}
	outcome.triggers_campaigns = true;
	outcome.jobs_scheduled = 1;
	outcome.jobs_discarded = 1234;
	EXPECT_TRUE(has("Campaigns:     1 mail scheduled, 1,234 discarded"));
	outcome.is_dry_run = true;
	outcome.jobs_scheduled = 0;
	EXPECT_TRUE(has("Campaigns:    0 mails would be scheduled, 1,234 discarded"));
}

TEST(Confirmation, SaysHowLongItTook)
{
	auto outcome = completed();
	auto const took = [&](std::int64_t duration_us, std::string const &words) {
		outcome.finished_at_us = outcome.started_at_us + duration_us;
		return has_line(write_confirmation(outcome).text, "Took:          " + words);
	};
	EXPECT_TRUE(took(0, "0.0 seconds"));
	EXPECT_TRUE(took(-5'000'000, "0.0 seconds"));
	EXPECT_TRUE(took(59'999'999, "59.9 seconds"));
	EXPECT_TRUE(took(60'000'000, "1 min 00 s"));
	EXPECT_TRUE(took(3'599'999'999, "59 min 59 s"));
	EXPECT_TRUE(took(3'600'000'000, "1 h 00 min"));
	EXPECT_TRUE(took(360'120'000'000, "100 h 02 min"));
	outcome.finished_at_us = 0;
	EXPECT_EQ(write_confirmation(outcome).text.find("Took:"), std::string::npos);
}

TEST(Confirmation, HasNoCountsOfWhatIsUndone)
{
	auto outcome = failed();
	outcome.is_undone = true;
	outcome.first_rejects = with_rejects().first_rejects;
	auto const report = make_report(outcome);
	EXPECT_TRUE(report.counts.empty());
	EXPECT_EQ(report.rejects_title, "Rejected records, as far as the import came");
	auto const text = lay_out_text(report);
	for (auto const *const word : {"Read:", "New contacts:", "Campaigns:"}) {
		EXPECT_EQ(text.find(word), std::string::npos) << word;
	}
	auto const texts = read_html(lay_out_html(report)).texts;
	EXPECT_EQ(std::count(texts.begin(), texts.end(), "Read"), 0);
}

TEST(Confirmation, ShowsTheFirstRejectsClipped)
{
	auto outcome = with_rejects();
	outcome.first_rejects.assign(25, {1, std::string(501, 'r'), std::string(301, 'x')});
	auto const report = make_report(outcome);
	ASSERT_EQ(report.rejects.size(), kShownRejects);
	EXPECT_EQ(report.rejects_title, "20 of 560 rejected records");
	EXPECT_EQ(report.rejects[0].reason, std::string(500, 'r') + "...");
	EXPECT_EQ(report.rejects[0].raw, std::string(300, 'x') + "...");
	outcome.rows_rejected = 20;
	EXPECT_EQ(make_report(outcome).rejects_title, "Rejected records");
}

TEST(Confirmation, NamesTheFileOfASource)
{
	auto outcome = completed();
	auto const subject_for = [&](std::string const &source) {
		outcome.source = source;
		return write_confirmation(outcome).subject;
	};
	EXPECT_EQ(subject_for("content"), "Import 7: all 3 records imported (content)");
	EXPECT_EQ(subject_for("C:\\data\\x.csv"), "Import 7: all 3 records imported (x.csv)");
	EXPECT_EQ(subject_for("/data/"), "Import 7: all 3 records imported (/data/)");
	EXPECT_EQ(subject_for("/a/" + std::string(81, 'x')),
			  "Import 7: all 3 records imported (" + std::string(80, 'x') + "...)");
}

TEST(Confirmation, SaysTheSameInHtml)
{
	auto doubtful = with_rejects();
	doubtful.reject_kinds = {{560, "not an email address", "bad", "see"}};
	doubtful.reading = plain_reading();
	doubtful.reading->doubt = {2, true, 2};
	auto triggering = with_rejects();
	triggering.triggers_campaigns = true;
	triggering.campaigns = two_campaigns();
	for (auto const &outcome : {completed(), with_rejects(), failed(), doubtful, triggering}) {
		auto const report = make_report(outcome);
		auto const html = read_html(lay_out_html(report));
		auto const text = lay_out_text(report);
		Commands expected{report.headline, report.explanation, report.footer, report.rejects_title, report.next};
		for (auto const &fact : report.facts) {
			expected.push_back(fact.value);
		}
		for (auto const &count : report.counts) {
			expected.push_back(count.value);
		}
		for (auto const &reject : report.rejects) {
			expected.insert(expected.end(), {reject.reason, reject.raw});
		}
		for (auto const &lines : {report.reading, report.warnings, report.reject_kinds}) {
			expected.insert(expected.end(), lines.begin(), lines.end());
		}
		for (auto const &command : report.commands) {
			expected.insert(expected.end(), {command.purpose, command.command});
		}
		for (auto const &campaign : report.campaigns) {
			expected.push_back(campaign.name);
			for (auto const &count : campaign.counts) {
				expected.insert(expected.end(), {count.label, count.value});
			}
		}
		for (auto const &words : expected) {
			EXPECT_NE(text.find(words), std::string::npos) << words;
			EXPECT_TRUE(words.empty() || std::count(html.texts.begin(), html.texts.end(), words) > 0) << words;
		}
		EXPECT_EQ(html.texts[0], report.subject);
		// Nothing is fetched, and nothing runs.
		for (auto const &tag : html.tags) {
			EXPECT_EQ(tag.find("src"), std::string::npos);
			EXPECT_EQ(tag.find("url("), std::string::npos);
			EXPECT_FALSE(tag.starts_with("script") || tag.starts_with("img") || tag.starts_with("link"));
		}
	}
}

TEST(Confirmation, LetsNothingFromOutsideAct)
{
	auto harmless = with_rejects();
	harmless.reject_kinds = {{560, "not an email address", "bad", "see"}};
	harmless.reading = plain_reading();
	harmless.reading->doubt = {2, true, 2};
	harmless.reading->ignored = {"a"};
	harmless.reading->ignored_columns = 1;
	harmless.triggers_campaigns = true;
	harmless.campaigns.resize(1);
	harmless.campaigns[0].name = "a";
	harmless.campaigns[0].add_now();
	harmless.names_without_campaign = {{"a", 1}};
	auto const expected = make_report(harmless);
	harmless.reading->times.push_back({"%d/%m/%Y", 1});
	harmless.reading->event_name = "Name";
	harmless.reading->compression = "gzip";
	auto const tags = read_html(write_confirmation(harmless).html).tags;
	auto const text = write_confirmation(harmless).text;
	auto const lines = std::count(text.begin(), text.end(), '\n');
	for (auto const &hostile : {"x\r\nBcc: evil@example.com"s, "</td></tr></table><script>alert(1)</script>"s,
								"'); DROP TABLE vero.events; --"s, "\" onclick=\"x"s, "&lt;"s, "\xFF\xC3"s, "a\0b"s,
								"\xE2\x80\xAEgnp.exe"s, "\x1B[2J"s, "\xE2\x80\xA8"s}) {
		auto outcome = harmless;
		outcome.source = outcome.imported_by = outcome.database = hostile;
		outcome.first_rejects[0].reason = outcome.first_rejects[0].raw = hostile;
		outcome.reject_kinds[0].words = outcome.reject_kinds[0].example = outcome.reject_kinds[0].advice = hostile;
		auto &reading = *outcome.reading;
		reading.email = reading.time[0] = reading.names[0].name = reading.ignored[0] = hostile;
		reading.event_name = hostile;
		reading.encoding = reading.time_zone = reading.delimiter = reading.compression = hostile;
		reading.times[1].layout = hostile;
		outcome.names_without_campaign[0].name = outcome.campaigns[0].name = hostile;
		auto const written = write_confirmation(outcome);
		EXPECT_EQ(written.subject.find_first_of("\r\n\t\x1B"), std::string::npos);
		EXPECT_EQ(std::count(written.text.begin(), written.text.end(), '\n'), lines);
		EXPECT_EQ(read_html(written.html).tags, tags) << testing::PrintToString(hostile);
		for (auto const &part : {written.subject, written.text, written.html}) {
			EXPECT_TRUE(is_utf8(part));
			EXPECT_EQ(part.find_first_of("\r\t\x1B\x7F"s + '\0'), std::string::npos);
			EXPECT_EQ(part.find("\xE2\x80\xAE"), std::string::npos);
		}
		auto const report = make_report(outcome);
		EXPECT_EQ(commands_of(report.commands), commands_of(expected.commands));
	}
	auto outcome = failed();
	outcome.error = "</p><b>\r\nx";
	outcome.options = {"<i>\n", std::string(60, 'x')};
	EXPECT_EQ(make_report(outcome).explanation, "</p><b>\\r\\nx.");
	EXPECT_NE(make_next_step(outcome).sentence.find("hold: <i>\\n, " + std::string(50, 'x') + "...."),
			  std::string::npos);
	EXPECT_NE(write_confirmation(outcome).html.find("&lt;/p&gt;&lt;b&gt;\\r\\nx"), std::string::npos);
}

TEST(Confirmation, NamesTheFileOfRejects)
{
	EXPECT_EQ(rejects_file_name(7), "rejects-7.csv");
}

TEST(Confirmation, ClipsBehindItsLimitsAndNotBefore)
{
	auto const clipped = [](std::size_t size, std::size_t limit) {
		return size > limit ? std::string(limit, 'x') + "..." : std::string(size, 'x');
	};
	for (std::size_t const more : {0, 1}) {
		auto const text = [more](std::size_t size) { return std::string(size + more, 'x'); };
		auto outcome = completed();
		outcome.source = text(80);
		EXPECT_EQ(write_confirmation(outcome).subject,
				  "Import 7: all 3 records imported (" + clipped(80 + more, 80) + ")");
		outcome.database = text(200);
		bool is_shown = false;
		for (auto const &fact : make_report(outcome).facts)
			is_shown = is_shown || fact.value == clipped(200 + more, 200);
		EXPECT_TRUE(is_shown);

		auto broken = failed();
		broken.error = text(120);
		auto const subject = write_confirmation(broken).subject;
		EXPECT_NE(subject.find(" failed: " + clipped(120 + more, 120) + " ("), std::string::npos) << subject;
		broken.error = text(2000);
		EXPECT_EQ(make_report(broken).explanation, more == 0 ? "X" + text(1999) + "." : clipped(2001, 2000));
		broken.options = {text(50)};
		EXPECT_NE(make_next_step(broken).sentence.find(" " + clipped(50 + more, 50) + "."), std::string::npos);

		auto rejected = with_rejects();
		rejected.first_rejects.assign(kShownRejects + more, {1, text(kShownReasonLength), text(kShownRawLength)});
		auto const report = make_report(rejected);
		EXPECT_EQ(report.rejects.size(), kShownRejects);
		EXPECT_EQ(report.rejects[0].reason, clipped(kShownReasonLength + more, kShownReasonLength));
		EXPECT_EQ(report.rejects[0].raw, clipped(kShownRawLength + more, kShownRawLength));
	}
}

} // namespace vero
