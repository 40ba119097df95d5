// The bounded minimiser with its variables split over the ranks: as if one rank had them all.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "mesh/optimisation/bounded_minimiser.hpp"

namespace understudy {
namespace {

constexpr std::size_t count = 24;
constexpr double infinity = std::numeric_limits<double>::infinity();

// Variables of curvatures from 1 to 100, each least at 1 + its number / 10; the first rank has three of them, the
// others share the rest.
struct Part {
  core::Comm comm = core::Comm::world();
  std::size_t begin = 0, end = count;
  Part() {
    const auto ranks = static_cast<std::size_t>(comm.size());
    const auto rank = static_cast<std::size_t>(comm.rank());
    if (ranks == 1) return;
    begin = rank == 0 ? 0 : 3 + (count - 3) * (rank - 1) / (ranks - 1);
    end = rank == 0 ? 3 : 3 + (count - 3) * rank / (ranks - 1);
  }
  std::size_t size() const { return end - begin; }
  double value(std::span<const double> x, std::span<double> g) const {
    double sum = 0;
    for (std::size_t n = 0; n < size(); ++n) {
      const double curvature = std::pow(10, 2.0 * double(begin + n) / count);
      const double off = x[n] - 1 - 0.1 * double(begin + n);
      sum += 0.5 * curvature * off * off;
      g[n] = curvature * off;
    }
    return comm.sum(sum);
  }
};

TEST(Minimiser, SplitsItsVariablesOverTheRanks) {
  const Part part;
  std::vector<double> x(part.size(), 0.0), lower(part.size(), -infinity), upper(part.size(), 2);
  int iterations = 0;
  const auto result = mesh::minimise(
      x, lower, upper, [&](auto at, auto g) { return part.value(at, g); },
      {.iterations = 200, .comm = &part.comm},
      [&](const mesh::MinimiserProgress& p) {
        EXPECT_EQ(p.x.size(), part.size());
        iterations = p.iteration;
        return true;
      });
  EXPECT_EQ(result.iterations, iterations);
  for (std::size_t n = 0; n < part.size(); ++n)
    EXPECT_NEAR(x[n], std::min(2.0, 1 + 0.1 * double(part.begin + n)), 1e-5) << part.begin + n;
}

TEST(Minimiser, ErrorsAreThoseOfAllRanks) {
  const Part part;
  std::vector<double> x(part.size(), 0.0), lower(part.size(), -1), upper(part.size(), 2);
  if (part.comm.rank() == part.comm.size() - 1) x.back() = 3;
  EXPECT_THROW(mesh::minimise(x, lower, upper, [&](auto at, auto g) { return part.value(at, g); },
                              {.comm = &part.comm}),
               core::UserError);
  x.assign(part.size(), 0.0);
  EXPECT_THROW(mesh::minimise(x, lower, upper,
                              [&](auto, auto) -> double { throw core::RunError("no value"); },
                              {.comm = &part.comm}),
               core::RunError);
}

}  // namespace
}  // namespace understudy
