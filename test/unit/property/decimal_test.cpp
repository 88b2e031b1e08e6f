// Checks that numbers keep their digits, as they are shown and as they are stored, up to numeric's limits.
#include "core/property/decimal.hpp"
#include "support/plain_numeric.hpp"

#include <gtest/gtest.h>

namespace vero {
namespace {

Decimal make(std::string_view whole, std::string_view fraction, std::int64_t exponent = 0, bool negative = false)
{
	Decimal decimal;
	decimal.assign(negative, whole, fraction, exponent);
	return decimal;
}

std::string stored(Decimal const &decimal)
{
	std::string out;
	append_numeric(out, decimal);
	return out;
}

} // namespace

TEST(Decimal, LiesByteForByteAsPostgresqlStoresIt)
{
	// length word (16 bytes, shifted by two), short header with dscale 2 and weight 1, the groups 1, 2345 and 6700
	EXPECT_EQ(stored(make("12345", "67")), std::string("\x30\0\0\0\x01\x81\x01\0\x29\x09\x2C\x1A", 12));
	EXPECT_EQ(stored(make("0", "")), std::string("\x18\0\0\0\0\x80", 6));
	EXPECT_EQ(stored(make("0", "", 0, true)), stored(make("0", ""))) << "zero has no sign";
	// the scale no longer fits the short header
	EXPECT_EQ(stored(make("1", std::string(64, '0'))), std::string("\x28\0\0\0\x40\0\0\0\x01\0", 10));
}

TEST(Decimal, IsShownAsPostgresqlShowsIt)
{
	EXPECT_EQ(to_text(make("007", "50")), "7.50");
	EXPECT_EQ(to_text(make("", "5")), "0.5");
	EXPECT_EQ(to_text(make("12", "", 0, true)), "-12");
	EXPECT_EQ(to_text(make("0", "00", 0, true)), "0.00");
	EXPECT_EQ(to_text(make("1", "5", 3)), "1500");
	EXPECT_EQ(to_text(make("12", "5", -4)), "0.00125");
	EXPECT_EQ(to_text(make("12", "5"), ','), "12,5");
}

TEST(Decimal, IsStoredAsItIsShown)
{
	for (int point = -40; point <= 40; ++point) {
		for (std::string_view digits : {"1", "10", "9999", "10000", "1234567890123", "100000001"}) {
			Decimal const decimal = make(digits, "", point);
			EXPECT_EQ(test::show_stored_numeric(stored(decimal)), to_text(decimal)) << digits << " " << point;
		}
	}
}

TEST(Decimal, HasNumericsLimits)
{
	EXPECT_TRUE(fits_numeric(make("1", "", 131'071)));
	EXPECT_FALSE(fits_numeric(make("1", "", 131'072)));
	EXPECT_TRUE(fits_numeric(make("0", "", 131'072)));
	EXPECT_TRUE(fits_numeric(make("1", "", -16'383)));
	EXPECT_FALSE(fits_numeric(make("1", "", -16'384)));
	EXPECT_TRUE(fits_numeric(make("0", std::string(16'383, '0'))));
	EXPECT_FALSE(fits_numeric(make("0", std::string(16'384, '0'))));
}

TEST(Decimal, ReadsExponents)
{
	EXPECT_EQ(read_exponent("5"), 5);
	EXPECT_EQ(read_exponent("+05"), 5);
	EXPECT_EQ(read_exponent("-17"), -17);
	EXPECT_EQ(read_exponent("999999"), 999'999);
	EXPECT_EQ(read_exponent("99999999999999999999999"), kMaxExponent);
	EXPECT_EQ(read_exponent(""), std::nullopt);
	EXPECT_EQ(read_exponent("-"), std::nullopt);
	EXPECT_EQ(read_exponent("1.5"), std::nullopt);
}

} // namespace vero
