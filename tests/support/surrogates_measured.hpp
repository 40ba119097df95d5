// Boxes whose cells do not measure alike, for the carrier of surrogates_synthetic.hpp.
#pragma once

#include <Kokkos_Core.hpp>
#include <array>
#include <memory>

#include "mesh/mapped_box_grid.hpp"
#include "support/surrogates_synthetic.hpp"

namespace understudy::tests {

/// Of the cell (i, j, k) of the whole grid.
using MeasureOfCell = double (*)(int i, int j, int k);

/// Periodic.
inline std::shared_ptr<const mesh::MappedBoxGrid> measured_grid(
    MeasureOfCell measure, const core::Comm& comm,
    const mesh::GridParams& params = carrier_grid_params()) {
  const auto grid =
      std::make_shared<mesh::MappedBoxGrid>(params, std::array<bool, 3>{true, true, true}, comm);
  const mesh::Array3<double> cells("measure", grid->extent(2), grid->extent(1), grid->extent(0));
  const auto host = Kokkos::create_mirror_view(cells);
  const auto place = [&](int axis, int n) { return grid->offset(axis) + n - grid->ghosts(axis); };
  for (int k = 0; k < grid->extent(2); ++k)
    for (int j = 0; j < grid->extent(1); ++j)
      for (int i = 0; i < grid->extent(0); ++i)
        host(k, j, i) = measure(place(0, i), place(1, j), place(2, k));
  Kokkos::deep_copy(cells, host);
  grid->measure_cells(cells);
  return grid;
}

/// Three samples on such a grid for training, with the names of write_sample()'s, and one that validates.
inline std::filesystem::path write_measured_samples(const std::filesystem::path& folder,
                                                    MeasureOfCell measure, long long frames,
                                                    const core::Comm& comm) {
  const auto grid = measured_grid(measure, comm);
  for (int n = 0; n < 3; ++n) write_sample_on<float>(folder, grid, true, n, "train", frames);
  write_sample_on<float>(folder, grid, true, 1, "valid", frames);
  comm.barrier();
  return folder;
}

}  // namespace understudy::tests
