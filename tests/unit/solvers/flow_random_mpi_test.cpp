// The random initial velocity does not depend on the ranks.
#include "support/solvers_flow_case.hpp"

namespace {

using namespace flow_test;

TEST(RandomVelocity, IsTheSameOnAnyNumberOfRanks) {
  FlowParams params;
  params.viscosity_m2_s = 1e-3;
  set_sides(params, {"periodic", "periodic", "periodic", "periodic"});
  params.initial.random.spectrum = "mcwilliams";
  params.initial.random.rms_m_s = 1;
  params.initial.random.peak_wave_number_1_m = 30;
  const mesh::GridParams box{{0, 0}, {1, 1}, {48, 40}, {}};
  Case<double> whole(params, box, core::Comm::self()), split(params, box);
  for (const char* name : {"u", "v"}) {
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), whole.state[name].data);
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), split.state[name].data);
    const mesh::Range3 r = split.grid->interior();
    double worst = 0;
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        worst = std::max(worst, std::abs(b(0, 0, j, i) - a(0, 0, j + split.grid->offset(1),
                                                           i + split.grid->offset(0))));
    // The projection that follows it is alike to round-off only.
    EXPECT_LT(worst, 1e-13) << name;
  }
}

}  // namespace
