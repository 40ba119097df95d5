// Units as texts and the factors between them.
#include "core/unit_factor.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace core = understudy::core;

TEST(CoreUnits, FactorsBetweenUnitsOfOneKind) {
  const auto factor = [](const char* from, const char* to) {
    const auto found = core::unit_factor(from, to);
    EXPECT_TRUE(found) << from << " to " << to;
    return found.value_or(0);
  };
  EXPECT_EQ(factor("Pa", "Pa"), 1);
  EXPECT_EQ(factor("kPa", "Pa"), 1000);
  EXPECT_EQ(factor("hPa", "Pa"), 100);
  EXPECT_EQ(factor("MPa", "Pa"), 1e6);
  EXPECT_EQ(factor("bar", "Pa"), 1e5);
  EXPECT_DOUBLE_EQ(factor("mbar", "Pa"), 100);
  EXPECT_EQ(factor("N/m2", "Pa"), 1);
  EXPECT_EQ(factor("kg/m/s^2", "Pa"), 1);
  EXPECT_DOUBLE_EQ(factor("mm/s", "m/s"), 1e-3);
  EXPECT_DOUBLE_EQ(factor("um s-1", "m/s"), 1e-6);
  EXPECT_DOUBLE_EQ(factor("\xC2\xB5m/s", "m/s"), 1e-6);
  EXPECT_DOUBLE_EQ(factor("km/h", "m/s"), 1 / 3.6);
  EXPECT_EQ(factor("km/s", "m/s"), 1000);
  EXPECT_DOUBLE_EQ(factor("ft/s", "m/s"), 0.3048);
  EXPECT_DOUBLE_EQ(factor("g/cm3", "kg/m3"), 1000);
  EXPECT_DOUBLE_EQ(factor("g/cm**3", "kg/m^3"), 1000);
  EXPECT_DOUBLE_EQ(factor("ms", "s"), 1e-3);
  EXPECT_EQ(factor("min", "s"), 60);
  EXPECT_EQ(factor("kHz", "1/s"), 1000);
  EXPECT_DOUBLE_EQ(factor("%", "1"), 0.01);
}

TEST(CoreUnits, OthersHaveNone) {
  for (const char* unit : {"kPb", "", "pa", "Pa/", "/s", "m/s/s/x", "degC", "counts", "m/s", "V"})
    EXPECT_FALSE(core::unit_factor(unit, "Pa")) << unit;
  const auto error = [](const char* unit) -> std::string {
    try {
      core::require_unit_factor(unit, "Pa", "g.h5: 'pressure'");
    } catch (const core::UserError& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(error("m/s"),
            "g.h5: 'pressure': is in 'm/s', which measures something else; Pa is wanted");
  EXPECT_EQ(error("kPb"),
            "g.h5: 'pressure': is in 'kPb', which is not a unit that is known here; Pa is wanted");
}
