// A spectral run that is continued from a checkpoint file is bitwise the uninterrupted one.
#include <cstring>
#include <filesystem>

#include "mesh/io/checkpoint.hpp"
#include "support/solvers_spectral_case.hpp"

namespace {

using namespace flow_test;

class SpectralRestart : public SpectralSuite {};

template <class Real>
void compare(const FlowParams& params, const mesh::GridParams& box, const std::string& name) {
  const double window = 0.11;
  SpectralCase<Real> straight(params, box);
  straight.solver.advance(straight.state, window);
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("flow_spectral_restart_" + name + ".h5");
  mesh::write_checkpoint(path, straight.state, {});
  straight.solver.advance(straight.state, window);

  SpectralCase<Real> restarted(params, box);
  mesh::read_checkpoint(path, restarted.state);
  restarted.solver.advance(restarted.state, window);
  std::filesystem::remove(path);

  EXPECT_EQ(straight.state.time_s, restarted.state.time_s);
  EXPECT_EQ(straight.state.step, restarted.state.step);
  EXPECT_GT(straight.state.step, 3);
  for (const auto& field : straight.state.fields()) {
    const auto a = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const auto b = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(),
                                                       restarted.state[field.info.name].data);
    const mesh::Range3 r = straight.grid->everything();  // ghosts, too
    long long differing = 0;
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i)
          differing += std::memcmp(&a(0, k, j, i), &b(0, k, j, i), sizeof(Real)) != 0;
    EXPECT_EQ(differing, 0) << field.info.name;
  }
}

FlowParams turbulence(int dimension) {
  FlowParams params = periodic_flow(1e-3, dimension);
  params.rayleigh_friction_1_s = 0.1;
  params.initial.noise_m_s = 1;
  params.force_m_s2 = {"sin(4 * y) * cos(t)", "0"};
  if (dimension == 3) params.force_m_s2.push_back("0.1 * sin(x)");
  params.max_dt_s = 0.03;
  return params;
}

TEST_F(SpectralRestart, Double) { compare<double>(turbulence(2), cube_of(30), "double"); }
TEST_F(SpectralRestart, Single) { compare<float>(turbulence(2), cube_of(30), "single"); }
TEST_F(SpectralRestart, ThreeDimensions) { compare<double>(turbulence(3), cube_of(12, 3), "3d"); }

}  // namespace
