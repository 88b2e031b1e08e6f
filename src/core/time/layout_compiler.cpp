// From a layout in strptime's letters to the steps that read it, or to what is wrong with it.
#include "core/text/text.hpp"
#include "core/time/event_time.hpp"
#include "core/time/time_layout.hpp"
#include "core/time/time_parts.hpp"

#include <algorithm>
#include <array>

namespace vero {
namespace {

using Kind = TimeLayout::Kind;
using Field = TimeLayout::Field;

/// What a layout can name, each once.
enum class Part : unsigned char {
	year,
	month,
	day,
	day_of_year,
	weekday,
	hour,
	half_day,
	minute,
	second,
	fraction,
	zone
};
constexpr std::array<std::string_view, 11> kPartNames{
	"year", "month",		   "day",	 "day of the year", "weekday",
	"hour", "half of the day", "minute", "second",			"fraction of a second",
	"zone"};

struct Letter {
	char letter;
	Part part;
	TimeLayout::Step step;
	std::string_view sample; ///< what is written for 2001-02-03 04:05:06 UTC
};

constexpr TimeLayout::Step number(Field field, std::uint8_t least = 1, std::uint8_t most = 2)
{
	return {Kind::number, 0, field, least, most};
}

constexpr TimeLayout::Step padded(Field field)
{
	return {Kind::number, 0, field, 1, 2, true};
}

constexpr std::array<Letter, 21> kLetters{{
	{'Y', Part::year, number(Field::year, 4, 4), "2001"},
	{'y', Part::year, {Kind::year_of_century}, "01"},
	{'m', Part::month, number(Field::month), "02"},
	{'b', Part::month, {Kind::month_name}, "Feb"},
	{'B', Part::month, {Kind::month_name}, "February"},
	{'h', Part::month, {Kind::month_name}, "Feb"},
	{'d', Part::day, number(Field::day), "03"},
	{'e', Part::day, padded(Field::day), "03"},
	{'j', Part::day_of_year, number(Field::day_of_year, 1, 3), "034"},
	{'a', Part::weekday, {Kind::day_name}, "Sat"},
	{'A', Part::weekday, {Kind::day_name}, "Saturday"},
	{'H', Part::hour, number(Field::hour), "04"},
	{'I', Part::hour, number(Field::hour), "04"},
	{'l', Part::hour, padded(Field::hour), "04"},
	{'p', Part::half_day, {Kind::half_day}, "AM"},
	{'P', Part::half_day, {Kind::half_day}, "am"},
	{'M', Part::minute, number(Field::minute), "05"},
	{'S', Part::second, number(Field::second), "06"},
	{'f', Part::fraction, {Kind::fraction}, "0"},
	{'z', Part::zone, {Kind::offset}, "+0000"},
	{'Z', Part::zone, {Kind::zone}, "UTC"},
}};

tl::unexpected<LayoutError> refuse(std::string message, std::optional<std::size_t> position = {}, std::string hint = "")
{
	return tl::make_unexpected(LayoutError{std::move(message), position, std::move(hint)});
}

} // namespace

class LayoutCompiler {
public:
	explicit LayoutCompiler(std::string_view text) : text_(trim(text)) { layout_.text_ = text_; }

	Result<TimeLayout, LayoutError> compile()
	{
		if (text_.empty())
			return refuse("is blank");
		if (text_.size() > kMaxTimeLayoutLength)
			return refuse("is longer than " + std::to_string(kMaxTimeLayoutLength) + " bytes");
		if (is_epoch())
			return std::move(layout_);
		return add_all(text_)
			.and_then([this] { return check_parts(); })
			.and_then([this] {
				finish_steps();
				return check_against_iso();
			})
			.map([this] { return std::move(layout_); });
	}

private:
	using Checked = Result<void, LayoutError>;

	bool is_epoch()
	{
		if (text_ == "unix_s") {
			layout_.epoch_digits_ = 10;
		} else if (text_ == "unix_ms") {
			layout_.epoch_digits_ = 13;
		} else if (text_ == "unix_us") {
			layout_.epoch_digits_ = 16;
		}
		return layout_.epoch_digits_ != 0;
	}

	bool has(Part part) const { return position_of_[static_cast<std::size_t>(part)] != 0; }
	std::size_t position_of(Part part) const { return position_of_[static_cast<std::size_t>(part)]; }

	/// `text` is the layout itself, or what a letter of it stands for.
	Checked add_all(std::string_view text)
	{
		bool const is_layout = text.data() == text_.data();
		for (std::size_t at = 0; at < text.size(); at++) {
			if (is_layout)
				position_ = utf8_length(text.substr(0, at)) + 1;
			if (text[at] != '%') {
				add_byte(text[at]);
				continue;
			}
			bool const has_minus = at + 1 < text.size() && text[at + 1] == '-';
			std::size_t const letter_at = at + (has_minus ? 2 : 1);
			if (letter_at == text.size())
				return refuse("ends in the middle of a \"%\"", position_, "A percent sign itself is written %%.");
			if (Checked added = add_letter(text[letter_at], has_minus); !added)
				return added;
			at = letter_at;
		}
		return {};
	}

	void add_byte(char c)
	{
		sample_.push_back(c);
		if (c != ' ' && c != '\t') {
			layout_.steps_.push_back({Kind::byte, c});
		} else if (layout_.steps_.empty() || layout_.steps_.back().kind != Kind::blank) {
			layout_.steps_.push_back({Kind::blank});
		}
	}

	Checked add_letter(char c, bool has_minus)
	{
		if (c == '%' && !has_minus) {
			add_byte(c);
			return {};
		}
		if (std::string_view const others = layout_of(c); !others.empty() && !has_minus)
			return add_all(others);
		auto const letter =
			std::find_if(kLetters.begin(), kLetters.end(), [c](Letter const &known) { return known.letter == c; });
		bool const is_known = letter != kLetters.end() && (!has_minus || letter->step.kind == Kind::number);
		if (!is_known) {
			return refuse("has " + quote_clipped(std::string(has_minus ? "%-" : "%") + c) + ", which is not understood",
						  position_, "These are understood: " + std::string(kReadTimeLetters) + ".");
		}
		if (has(letter->part)) {
			return refuse("names the " + std::string(kPartNames[static_cast<std::size_t>(letter->part)]) + " twice",
						  position_);
		}
		position_of_[static_cast<std::size_t>(letter->part)] = position_;
		layout_.is_12_hours_ |= c == 'I' || c == 'l';
		layout_.has_day_of_year_ |= c == 'j';
		layout_.has_named_zone_ |= c == 'Z';
		add_step(letter->step);
		sample_ += letter->sample;
		return {};
	}

	/// Where nothing stands between two numbers, only their full width tells where one ends.
	void add_step(TimeLayout::Step step)
	{
		auto is_number = [](TimeLayout::Step const &each) {
			return each.kind == Kind::number || each.kind == Kind::year_of_century || each.kind == Kind::fraction;
		};
		if (is_number(step) && !layout_.steps_.empty() && is_number(layout_.steps_.back())) {
			TimeLayout::Step &before = layout_.steps_.back();
			before.least_digits = before.most_digits;
			step.least_digits = step.most_digits;
		}
		layout_.steps_.push_back(step);
	}

	Checked check_parts() const
	{
		constexpr std::string_view kExample =
			"Layouts are written in strptime's letters, such as %d/%m/%Y %H:%M, or are unix_s, unix_ms or unix_us.";
		if (!has(Part::year))
			return refuse("has no year", {}, std::string(kExample));
		if (has(Part::day_of_year) && (has(Part::month) || has(Part::day)))
			return refuse("names the day twice", position_of(Part::day_of_year));
		if (!has(Part::day_of_year) && !has(Part::month))
			return refuse("has no month", {}, std::string(kExample));
		if (!has(Part::day_of_year) && !has(Part::day))
			return refuse("has no day", {}, std::string(kExample));
		return check_clock();
	}

	Checked check_clock() const
	{
		constexpr std::string_view kHalves =
			"%I is an hour of a clock of 12 hours and needs %p, which is AM or PM; %H is an hour of 24.";
		if (layout_.is_12_hours_ && !has(Part::half_day))
			return refuse("has an hour of 12 without %p", position_of(Part::hour), std::string(kHalves));
		if (has(Part::half_day) && !layout_.is_12_hours_)
			return refuse("has %p without %I", position_of(Part::half_day), std::string(kHalves));
		if (has(Part::minute) && !has(Part::hour))
			return refuse("has minutes without an hour", position_of(Part::minute));
		if (has(Part::second) && !has(Part::minute))
			return refuse("has seconds without minutes", position_of(Part::second));
		if (has(Part::fraction) && !has(Part::second))
			return refuse("has a fraction without seconds", position_of(Part::fraction));
		if (has(Part::zone) && !has(Part::hour))
			return refuse("has an offset or zone without an hour", position_of(Part::zone));
		return {};
	}

	void finish_steps()
	{
		auto &steps = layout_.steps_;
		for (std::size_t i = 0; i < steps.size(); i++) {
			steps[i].takes_fraction =
				steps[i].kind == Kind::number && steps[i].field == Field::second && !has(Part::fraction) &&
				(i + 1 == steps.size() || steps[i + 1].kind != Kind::byte || steps[i + 1].byte != '.');
		}
	}

	/// ISO 8601 comes first: what it takes must mean the same to both.
	Checked check_against_iso() const
	{
		NamedZones const zones = [](std::string_view, std::int64_t) { return std::optional<std::int32_t>(0); };
		std::optional<std::int64_t> const own = layout_.read(sample_, utc_zone(), zones).instant_us;
		if (!own) {
			return refuse("cannot read what is written in it, such as " + quote_clipped(sample_), {},
						  "Put something between its parts.");
		}
		std::optional<std::int64_t> const iso = parse_event_time(sample_, utc_zone());
		if (iso && *iso != *own) {
			return refuse("reads " + quote_clipped(sample_) + " otherwise than ISO 8601, which is tried first", {},
						  "Write the times in the file another way.");
		}
		return {};
	}

	TimeLayout layout_;
	std::string_view text_;
	std::size_t position_ = 1;
	std::array<std::size_t, kPartNames.size()> position_of_{}; ///< 0: not named
	std::string sample_;
};

Result<TimeLayout, LayoutError> TimeLayout::compile(std::string_view text)
{
	return LayoutCompiler(text).compile();
}

} // namespace vero
