// What the absorbing layer sends back: the difference between a run and one whose sides are so far away
// that nothing returns, against the direct wave's peak at the same receiver. Required: below 1e-3 at
// normal incidence and 1e-2 at 60 degrees.
#include "support/solvers_seismic_elastic.hpp"

namespace understudy::tests {
namespace {

// P or S wave of a force at distance 150 m from the left side; `across` is the receiver's distance along
// that side. The large run's sides lie 2000 m further out.
double reflection(const std::string& kind, bool along_side, double across, double end_s) {
  ElasticCase c;
  const double depth = 800;
  c.box = {{0, -2000}, {1600, 0}, {160, 200}, {}};
  c.source.kind = kind;
  if (kind == "force") c.source.direction = {along_side ? 0.0 : 1.0, along_side ? 1.0 : 0.0};
  c.at = {155, 0, depth};
  c.receivers = {{across > 0 ? 155.0 : 255.0, 0, depth + across}};
  c.end_s = end_s;
  c.dt_s = 1e-3;
  const auto small = traces_of<double>(c);
  c.box = {{-1500, -2600}, {1600, 600}, {310, 320}, {}};
  c.at[2] += 600;
  c.receivers[0][2] += 600;
  const auto large = traces_of<double>(c);
  double difference = 0, direct = 0;
  for (int a = 0; a < 2; ++a) {
    const auto one = trace_of(small, a, 0), other = trace_of(large, a, 0);
    for (std::size_t n = 0; n < one.size(); ++n) {
      difference = std::max(difference, std::abs(one[n] - other[n]));
      direct = std::max(direct, std::abs(other[n]));
    }
  }
  return difference / direct;
}

TEST(ElasticLayer, NormalIncidence) {
  const double p = reflection("pressure", false, 0, 0.6), s = reflection("force", true, 0, 0.7);
  std::printf("normal incidence, reflected over direct: P %.2e, S %.2e\n", p, s);
  EXPECT_LT(p, 1e-3);
  EXPECT_LT(s, 1e-3);
}

// Reflected halfway: at 150 m from the layer and 520 m along it rays meet it at 60 degrees.
TEST(ElasticLayer, SixtyDegrees) {
  const double across = 2 * 155 * std::tan(std::numbers::pi / 3);
  const double p = reflection("pressure", false, across, 0.6),
               s = reflection("force", false, across, 0.75);
  std::printf("60 degrees, reflected over direct: P %.2e, S %.2e\n", p, s);
  EXPECT_LT(p, 1e-2);
  EXPECT_LT(s, 1e-2);
}

}  // namespace
}  // namespace understudy::tests
