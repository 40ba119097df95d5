// The spectral flow solver has one rank: several are refused by key, on all of them.
#include "core/format.hpp"
#include "support/solvers_spectral_case.hpp"

namespace {

using namespace flow_test;

class SpectralRanks : public SpectralSuite {};

TEST_F(SpectralRanks, SeveralAreRefused) {
  const auto make = [] { SpectralCase<double> c(periodic_flow(0.01), cube_of(16)); };
  const std::string text = user_error(make);
  const int ranks = core::Comm::world().size();
  if (ranks == 1)
    EXPECT_EQ(text, "");
  else
    EXPECT_NE(
        text.find(core::format("flow.discretisation: spectral runs on one rank, and these are "
                               "{} (grid.ranks)",
                               ranks)),
        std::string::npos)
        << text;
}

// Each rank of a split may have a solver of its own.
TEST_F(SpectralRanks, EachMayHaveItsOwn) {
  FlowParams params = periodic_flow(0.05);
  params.initial.velocity_m_s = {"-cos(x) * sin(y)", "sin(x) * cos(y)"};
  SpectralCase<double> c(params, cube_of(8), core::Comm::self());
  c.solver.advance(c.state, 0.1);
  EXPECT_LT(rms_error<double>(c.state, "u",
                              [](double x, double y, double) {
                                return -std::exp(-0.01) * std::cos(x) * std::sin(y);
                              }),
            1e-13);
}

}  // namespace
