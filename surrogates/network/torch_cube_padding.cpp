#include "surrogates/network/torch_cube_padding.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <numbers>

#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/topology.hpp"

namespace understudy::surrogates {

namespace {

using at::Tensor;

constexpr std::int64_t panels = 6;

Tensor index_tensor(const std::vector<std::int64_t>& values) {
  return at::tensor(values, at::TensorOptions(at::kLong));
}

// The cell `along` beside a side of a panel, as a flat index in [panel, j, i].
std::int64_t beside(const mesh::Topology& cube, std::int64_t n, int panel, int side,
                    std::int64_t along) {
  const mesh::Joint other = cube.across(panel, side);
  const std::int64_t there = other.reversed ? n - 1 - along : along;
  const std::int64_t depth = mesh::is_upper(other.side) ? n - 1 : 0;
  const bool across_x = mesh::side_axis(other.side) == 0;
  const std::int64_t j = across_x ? there : depth, i = across_x ? depth : there;
  return (other.panel * n + j) * n + i;
}

}  // namespace

CubePadding::Tables CubePadding::tables(std::int64_t n, const at::Device& device) const {
  // Made while a rollout is validated, they must serve training, too.
  const c10::InferenceMode normal(false);
  const std::lock_guard lock(mutex_);
  Tables& found = made_[n];
  if (!found.source.defined()) {
    const mesh::Topology cube = mesh::Topology::cubed_sphere();
    std::vector<std::int64_t> first, second, source;
    for (int panel = 0; panel < panels; ++panel)
      for (std::int64_t j = -1; j <= n; ++j)
        for (std::int64_t i = -1; i <= n; ++i) {
          const bool out_x = i < 0 || i >= n, out_y = j < 0 || j >= n;
          const int x_side = i < 0 ? mesh::x_lower : mesh::x_upper;
          const int y_side = j < 0 ? mesh::y_lower : mesh::y_upper;
          if (!out_x && !out_y) {
            source.push_back((panel * n + j) * n + i);
          } else if (out_x && out_y) {
            source.push_back(panels * n * n + static_cast<std::int64_t>(first.size()));
            first.push_back(beside(cube, n, panel, x_side, j < 0 ? 0 : n - 1));
            second.push_back(beside(cube, n, panel, y_side, i < 0 ? 0 : n - 1));
          } else {
            source.push_back(out_x ? beside(cube, n, panel, x_side, j)
                                   : beside(cube, n, panel, y_side, i));
          }
        }
    found = {index_tensor(first), index_tensor(second), index_tensor(source)};
  }
  if (found.source.device() != device)
    found = {found.first.to(device), found.second.to(device), found.source.to(device)};
  return found;
}

// Cells as rows of channels: a gather of whole rows, and the result is in channels-last memory.
Tensor CubePadding::pad(const Tensor& x) const {
  const std::int64_t n = x.size(2), channels = x.size(1), batch = x.size(0) / panels;
  const Tables t = tables(n, x.device());
  const Tensor cells = x.permute({0, 2, 3, 1}).reshape({batch, panels * n * n, channels});
  const Tensor corners = (cells.index_select(1, t.first) + cells.index_select(1, t.second)) * 0.5;
  return at::cat({cells, corners}, 1)
      .index_select(1, t.source)
      .view({x.size(0), n + 2, n + 2, channels})
      .permute({0, 3, 1, 2});
}

PanelFrames::PanelFrames(int channels, const std::vector<int>& vectors) : channels_(channels) {
  const c10::InferenceMode normal(false);
  std::vector<std::int64_t> to, from;
  std::vector<float> to_sign, from_sign;
  for (int panel = 0; panel < panels; ++panel) {
    for (int c = 0; c < channels; ++c) {
      to.push_back(panel * channels + c);
      from.push_back(panel * channels + c);
      to_sign.push_back(1);
      from_sign.push_back(1);
    }
    // A row of the frame is a component in the sphere's frame, a column one in the panel's.
    const auto frame = mesh::panel_frame(panel);
    for (const int vector : vectors)
      for (int row = 0; row < 3; ++row)
        for (int column = 0; column < 3; ++column) {
          if (frame[row][column] == 0) continue;
          const std::size_t base = std::size_t(panel) * channels + vector;
          to[base + column] = std::int64_t(base) + row;
          to_sign[base + column] = static_cast<float>(frame[row][column]);
          from[base + row] = std::int64_t(base) + column;
          from_sign[base + row] = static_cast<float>(frame[row][column]);
        }
  }
  to_index_ = index_tensor(to);
  from_index_ = index_tensor(from);
  to_sign_ = at::tensor(to_sign);
  from_sign_ = at::tensor(from_sign);
}

namespace {

// Of [batch, 6 * channel, y, x].
Tensor turned(const Tensor& x, const Tensor& index, const Tensor& sign) {
  return x.index_select(1, index.to(x.device())) *
         sign.to(x.device(), x.scalar_type()).view({1, -1, 1, 1});
}

}  // namespace

Tensor PanelFrames::to_panels(const Tensor& x) const {
  const auto size = x.sizes().vec();
  const Tensor panel_first =
      x.transpose(1, 2).reshape({size[0], panels * channels_, size[3], size[4]});
  return turned(panel_first, to_index_, to_sign_)
      .reshape({size[0] * panels, channels_, size[3], size[4]});
}

Tensor PanelFrames::from_panels(const Tensor& x) const {
  const std::int64_t batch = x.size(0) / panels, high = x.size(2), wide = x.size(3);
  const Tensor all = x.reshape({batch, panels * channels_, high, wide});
  return turned(all, from_index_, from_sign_)
      .reshape({batch, panels, channels_, high, wide})
      .transpose(1, 2);
}

namespace {

Tensor make_places(std::int64_t n) {
  constexpr int count = 7;
  Tensor places = at::empty({panels, count, n, n}, at::kFloat);
  auto at = places.accessor<float, 4>();
  const double step = std::numbers::pi / 2 / static_cast<double>(n);
  for (int panel = 0; panel < panels; ++panel) {
    const auto frame = mesh::panel_frame(panel);
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i < n; ++i) {
        const double alpha = (double(i) + 0.5) * step - std::numbers::pi / 4;
        const double beta = (double(j) + 0.5) * step - std::numbers::pi / 4;
        const auto here = mesh::panel_direction(panel, alpha, beta);
        const auto local =
            mesh::panel_direction(0, alpha, beta);  // panel 0's frame is the sphere's
        at[panel][0][j][i] = static_cast<float>(here[2]);
        for (int c = 0; c < 3; ++c) {
          at[panel][1 + c][j][i] = static_cast<float>(frame[2][c]);
          at[panel][4 + c][j][i] = static_cast<float>(local[c]);
        }
      }
  }
  return places;
}

}  // namespace

Tensor panel_places(std::int64_t n) {
  const c10::InferenceMode normal(false);
  static std::mutex mutex;
  static std::map<std::int64_t, Tensor> made;
  const std::lock_guard lock(mutex);
  Tensor& places = made[n];
  if (!places.defined()) places = make_places(n);
  return places;
}

}  // namespace understudy::surrogates
