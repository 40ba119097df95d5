// A dataset of polynomials as `generate` would write it: one run of 16 x 8 cells and 9 frames.
#pragma once

#include <filesystem>
#include <string>

#include "mesh/box_grid.hpp"
#include "mesh/loops.hpp"
#include "support/scratch.hpp"
#include "surrogates/fields/dataset/dataset.hpp"

namespace understudy::pinn::cases {

// Polynomials of third degree along each axis and in time, which the interpolation meets exactly.
inline double polynomial(double x, double y, double t) {
  return (1 + x - 2 * x * x + x * x * x) * (2 - y + y * y * y) + t * t - t * t * t * x;
}

/// How its u is given.
struct Speed {
  std::string unit = "m/s";
  double factor = 1;  ///< of its values
  int components = 1;
};

/// The folder <folder>/dataset: u on faces, p in cells, 9 frames from 5 s on.
inline std::filesystem::path write_dataset(const tests::Scratch& folder, const Speed& speed = {}) {
  const auto comm = core::Comm::world();
  const auto path = folder / "dataset";
  mesh::GridParams params;
  params.lower_m = {-1, 0};
  params.upper_m = {1, 1};
  params.cells = {16, 8};
  const auto grid =
      std::make_shared<const mesh::BoxGrid>(params, std::array<bool, 3>{false, false, true}, comm);
  const std::vector<mesh::FieldInfo> fields{{.name = "u",
                                             .unit = speed.unit,
                                             .location = mesh::Location::face_x,
                                             .role = mesh::Role::prognostic,
                                             .description = "speed",
                                             .components = speed.components},
                                            {.name = "p",
                                             .unit = "Pa",
                                             .location = mesh::Location::cell,
                                             .role = mesh::Role::prognostic,
                                             .description = "pressure"}};
  surrogates::DatasetInfo info;
  info.name = "polynomials";
  info.fields = fields;
  info.grid = params;
  info.window_s = 0.25;
  info.boundaries = {4, surrogates::SideKind::wall};
  surrogates::SampleInfo sample;
  sample.name = "one";
  sample.frames = 9;
  mesh::State<double> state(grid, fields);
  surrogates::SampleWriter<double> writer(path, info, sample, grid);
  for (int frame = 0; frame < 9; ++frame) {
    const double t = 0.25 * frame;
    state.time_s = 5 + t;
    for (const auto& field : fields) {
      const auto view = state[field.name].component();
      const auto all = grid->everything();
      for (int j = all.begin[1]; j < all.end[1]; ++j)
        for (int i = all.begin[0]; i < all.end[0]; ++i)
          view(0, j, i) = (field.name == "u" ? speed.factor : -2) *
                          polynomial(grid->coordinate(field.location, 0, i),
                                     grid->coordinate(field.location, 1, j), t);
    }
    writer.write(state);
  }
  writer.finish(1);
  return path;
}

}  // namespace understudy::pinn::cases
