// What is written down of an import while it runs, so that its end can be told even where nobody was left to tell it.
#include "core/report/import_journal.hpp"

#include "core/text/text.hpp"

#include <algorithm>

namespace vero {

namespace {

constexpr std::string_view kMagic = "VeroImp1";
constexpr std::size_t kNumberSize = 8;
constexpr std::size_t kFrameStart = 3 * kNumberSize; // magic, size and checksum of what follows

void append_number(std::string &out, std::uint64_t number)
{
	std::array<char, kNumberSize> bytes{};
	for (std::size_t i = 0; i < kNumberSize; ++i) {
		bytes[i] = static_cast<char>(number >> (8 * i) & 0xFFU);
	}
	out.append(bytes.data(), bytes.size());
}

std::uint64_t number_at(std::string_view bytes, std::size_t position)
{
	std::uint64_t number = 0;
	for (std::size_t i = 0; i < kNumberSize; ++i) {
		number |= std::uint64_t{static_cast<unsigned char>(bytes[position + i])} << (8 * i);
	}
	return number;
}

/// visit_fields() with it writes an entry.
class Writer {
public:
	void number(std::uint64_t value) { append_number(bytes_, value); }
	void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }
	void number(bool value) { number(std::uint64_t{value}); }
	template <class Choice> void choice(Choice value, Choice) { number(static_cast<std::uint64_t>(value)); }
	void text(std::string const &value)
	{
		number(std::uint64_t{value.size()});
		bytes_ += value;
	}
	template <class Element, class Visit> void list(std::vector<Element> const &elements, Visit visit)
	{
		number(std::uint64_t{elements.size()});
		for (auto const &element : elements) {
			visit(element);
		}
	}
	std::string take() { return std::move(bytes_); }

private:
	std::string bytes_;
};

/// visit_fields() with it reads an entry. What is missing stays as it is, and is_good() says so.
class Reader {
public:
	explicit Reader(std::string_view bytes) : rest_(bytes) {}

	void number(std::uint64_t &value)
	{
		if (is_good_ = is_good_ && rest_.size() >= kNumberSize; is_good_) {
			value = number_at(rest_, 0);
			rest_.remove_prefix(kNumberSize);
		}
	}
	void number(std::int64_t &value)
	{
		auto bits = static_cast<std::uint64_t>(value);
		number(bits);
		value = static_cast<std::int64_t>(bits);
	}
	void number(bool &value)
	{
		auto bits = std::uint64_t{value};
		number(bits);
		is_good_ = is_good_ && bits <= 1;
		value = bits == 1;
	}
	/// `last` is the one with the greatest number.
	template <class Choice> void choice(Choice &value, Choice last)
	{
		std::uint64_t bits = 0;
		number(bits);
		is_good_ = is_good_ && bits <= static_cast<std::uint64_t>(last);
		value = is_good_ ? static_cast<Choice>(bits) : value;
	}
	void text(std::string &value)
	{
		std::uint64_t size = 0;
		number(size);
		if (is_good_ = is_good_ && size <= rest_.size(); is_good_) {
			value = rest_.substr(0, size);
			rest_.remove_prefix(size);
		}
	}
	template <class Element, class Visit> void list(std::vector<Element> &elements, Visit visit)
	{
		std::uint64_t size = 0;
		number(size);
		for (std::uint64_t i = 0; i < size && is_good_; ++i) {
			visit(elements.emplace_back());
		}
	}
	bool is_good() const { return is_good_; }
	bool is_at_end() const { return rest_.empty(); }

private:
	std::string_view rest_;
	bool is_good_ = true;
};

/// The order of the fields, said once for both directions.
template <class Visitor, class Entry> void visit_fields(Visitor &visitor, Entry &entry)
{
	auto const visit_text = [&](auto &text) { visitor.text(text); };
	visitor.text(entry.run_id);
	visitor.number(entry.transaction_id);
	visitor.text(entry.options);
	visitor.text(entry.time_zone);
	visitor.list(entry.notify, visit_text);
	visitor.list(entry.recipients, visit_text);
	visitor.number(entry.imported_by_oid);
	auto &outcome = entry.outcome;
	visitor.number(outcome.import_id);
	visitor.number(outcome.rows_read);
	visitor.number(outcome.rows_rejected);
	visitor.text(outcome.source);
	visitor.number(outcome.is_dry_run);
	visitor.number(outcome.triggers_campaigns);
	visitor.number(outcome.retried_import);
	visitor.text(outcome.error);
	visitor.number(outcome.started_at_us);
	visitor.number(outcome.finished_at_us);
	visitor.text(outcome.imported_by);
	visitor.text(outcome.database);
	visitor.list(outcome.options, visit_text);
	visitor.number(outcome.is_utf16);
	visitor.choice(outcome.compression, Compression::zstd);
	visitor.list(outcome.reject_kinds, [&](auto &kind) {
		visitor.number(kind.count);
		visitor.text(kind.words);
		visitor.text(kind.example);
		visitor.text(kind.advice);
	});
	visitor.list(outcome.first_rejects, [&](auto &reject) {
		visitor.number(reject.line_number);
		visitor.text(reject.reason);
		visitor.text(reject.raw);
	});
}

std::optional<JournalEntry> read_entry(std::string_view bytes)
{
	JournalEntry entry;
	Reader reader(bytes);
	std::uint64_t state = 0;
	std::int64_t parent = 0;
	bool has_parent = false;
	reader.number(state);
	reader.number(has_parent);
	reader.number(parent);
	visit_fields(reader, entry);
	bool const has_one_form = has_parent || parent == 0;
	if (!reader.is_good() || !reader.is_at_end() || !has_one_form ||
		state > static_cast<std::uint64_t>(JournalState::withdrawn)) {
		return std::nullopt;
	}
	entry.state = static_cast<JournalState>(state);
	if (has_parent) {
		entry.parent_import = parent;
	}
	return entry;
}

} // namespace

std::string to_journal_frame(JournalEntry const &entry)
{
	Writer writer;
	writer.number(static_cast<std::uint64_t>(entry.state));
	writer.number(entry.parent_import.has_value());
	writer.number(entry.parent_import.value_or(0));
	visit_fields(writer, entry);
	std::string const content = writer.take();
	std::string frame(kMagic);
	append_number(frame, content.size());
	append_number(frame, checksum(content));
	return frame + content;
}

Journal read_journal(std::string_view bytes)
{
	Journal journal{{}, false};
	while (bytes.size() >= kFrameStart && bytes.starts_with(kMagic)) {
		std::uint64_t const size = number_at(bytes, kNumberSize);
		if (size > bytes.size() - kFrameStart) {
			return journal;
		}
		std::string_view const content = bytes.substr(kFrameStart, size);
		std::optional<JournalEntry> entry;
		if (checksum(content) == number_at(bytes, 2 * kNumberSize)) {
			entry = read_entry(content);
		}
		if (!entry) {
			return journal;
		}
		auto const known = std::find_if(journal.entries.begin(), journal.entries.end(),
										[&](JournalEntry const &other) { return other.run_id == entry->run_id; });
		if (known == journal.entries.end()) {
			journal.entries.push_back(std::move(*entry));
		} else {
			*known = std::move(*entry);
		}
		bytes.remove_prefix(kFrameStart + size);
	}
	journal.is_whole = bytes.find_first_not_of('\0') == std::string_view::npos;
	return journal;
}

} // namespace vero
