// Beside what a quantity of zero is measured.
#include <gtest/gtest.h>

#include "core/unit_scale.hpp"

namespace understudy::core {

TEST(UnitScales, AreTheLargestOfTheUnit) {
  const auto scales = unit_scales({{"u", "m/s", 2},
                                   {"v", "m/s", 0},
                                   {"p", "m2/s2", 0},
                                   {"P", "Pa", 1e-3},
                                   {"q", "Pa", 9},
                                   {"T", "K", 0}});
  EXPECT_EQ(scales[0].size, 2);
  EXPECT_EQ(scales[1].size, 2);
  EXPECT_EQ(scales[1].of, "u");
  EXPECT_EQ(scales[2].size, 4);
  EXPECT_EQ(scales[2].of, "the square of u");
  EXPECT_EQ(scales[3].size, 9);
  EXPECT_EQ(scales[3].of, "q") << "a larger one of its own unit";
  EXPECT_EQ(scales[5].size, 0) << "nothing to compare with";
  EXPECT_EQ(scales[5].of, "");
}

}  // namespace understudy::core
