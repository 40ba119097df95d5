// The carrier of surrogates_synthetic.hpp in a periodic box: samples of a volume for the tests of networks in 3-D.
#pragma once

#include <string>

#include "support/surrogates_synthetic.hpp"

namespace understudy::tests {

inline mesh::GridParams box_params() {
  mesh::GridParams params;
  params.lower_m = {0, 0, 0};
  params.upper_m = {1.5, 1, 0.5};
  params.cells = {12, 8, 6};
  return params;
}

inline const surrogates::SideKinds periodic_box(6, surrogates::SideKind::periodic);

inline std::shared_ptr<const mesh::BoxGrid> box_grid(
    const core::Comm& comm = core::Comm::self(), const mesh::GridParams& params = box_params()) {
  return std::make_shared<const mesh::BoxGrid>(params, std::array{true, true, true}, comm);
}

/// Another amplitude at each height, ghosts included: nothing is carried along z, so that it stays.
template <class Real>
void vary_along_z(mesh::State<Real>& state, const mesh::BoxGrid& grid) {
  const double length_m = grid.upper(2) - grid.lower(2);
  for (const std::string name : {"q", "f"}) {
    const auto& field = state[name];
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.component());
    const auto r = grid.everything();
    for (int k = 0; k < r.end[2]; ++k) {
      const double z = grid.coordinate(field.info.location, 2, k) / length_m;
      const auto factor = static_cast<Real>(1 + 0.5 * std::cos(2 * std::numbers::pi * z));
      for (int j = 0; j < r.end[1]; ++j)
        for (int i = 0; i < r.end[0]; ++i) host(k, j, i) *= factor;
    }
    Kokkos::deep_copy(field.component(), host);
  }
}

/// Two samples for training, that is, and one of them validates. Collective.
inline void write_box_samples(const std::filesystem::path& folder, long long frames,
                              const core::Comm& comm,
                              const mesh::GridParams& params = box_params()) {
  for (int n = 0; n < 2; ++n) {
    const auto grid = box_grid(comm, params);
    Carrier<float> stepper(grid, 1.0 + 0.1 * n);
    mesh::State<float> state(grid, stepper.fields());
    stepper.initialise(state, 0.1 * n);
    vary_along_z(state, *grid);
    auto info = carrier_dataset(true, stepper.fields());
    info.grid = params;
    info.boundaries = periodic_box;
    surrogates::SampleWriter<float> writer(folder, info, carrier_sample(n, "train", frames), grid);
    for (long long frame = 0; frame < frames; ++frame) {
      if (frame > 0) stepper.advance(state, window_s);
      state.time_s = window_s * static_cast<double>(frame);
      writer.write(state);
    }
    writer.finish(1);
  }
}

}  // namespace understudy::tests
