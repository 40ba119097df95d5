#include "mesh/io/longitude_latitude.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <span>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/cell_measure.hpp"

namespace understudy::mesh {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int parts_per_cell = 6;  // samples along the width of a source cell

template <class Real>
double integral_of(const CubedSphereGrid& grid, const Array3<Real>& values) {
  return grid.comm().sum(sum_weighed_cells(
      "remapped integral", grid,
      KOKKOS_LAMBDA(int k, int j, int i) { return double(values(k, j, i)); }));
}

}  // namespace

LongitudeLatitudeMap::LongitudeLatitudeMap(std::shared_ptr<const CubedSphereGrid> grid, int rows)
    : grid_(std::move(grid)), rows_(rows) {
  if (rows < 2)
    throw core::UserError(
        core::format("a longitude-latitude grid has at least 2 latitudes; {} are wanted", rows));
  sample();
  set_areas();
}

// One entry a pair of cells that meet, with the area of the parts that fell into both.
void LongitudeLatitudeMap::sample() {
  const int n = grid_->cells_per_edge(), columns = this->columns();
  const double radius = grid_->radius(), wide = 2 * pi / columns;
  const Range3 block = grid_->block(grid_->comm().rank());
  const auto index = [&](double angle) {
    return std::clamp(int(std::floor((angle + pi / 4) / grid_->step())), 0, n - 1);
  };
  std::map<int, double> here;  // source cell -> area, of one target cell
  for (int row = 0; row < rows_; ++row) {
    const double south = std::sin(pi * (double(row) / rows_ - 0.5));
    const double north = std::sin(pi * (double(row + 1) / rows_ - 0.5));
    const double least_latitude = std::min(std::abs(std::asin(south)), std::abs(std::asin(north)));
    const double length = wide * std::cos(least_latitude) / grid_->step();
    const int up = std::max(2, int(std::ceil(parts_per_cell * pi / rows_ / grid_->step())));
    const int along = std::max(2, int(std::ceil(parts_per_cell * length)));
    const double part = radius * radius * wide / along * (north - south) / up;
    for (int column = 0; column < columns; ++column) {
      here.clear();
      for (int b = 0; b < up; ++b) {
        const double latitude = std::asin(south + (north - south) * (b + 0.5) / up);
        for (int a = 0; a < along; ++a) {
          const PanelPoint at =
              locate_panel(direction_of({(column + (a + 0.5) / along) * wide, latitude}));
          const int i = index(at.alpha), j = index(at.beta);
          if (i < block.begin[0] || i >= block.end[0] || j < block.begin[1] || j >= block.end[1])
            continue;
          here[(at.panel * grid_->extent(1) + j - grid_->offset(1) + grid_->ghosts(1)) *
                   grid_->extent(0) +
               i - grid_->offset(0) + grid_->ghosts(0)] += part;
        }
      }
      for (const auto& [source, area] : here)
        overlaps_.push_back({source, row * columns + column, area});
    }
  }
}

void LongitudeLatitudeMap::set_areas() {
  const double radius = grid_->radius();
  const double ratio = weight_of_cells(*grid_) / (4 * pi * radius * radius);
  for (int row = 0; row < rows_; ++row) {
    const double band =
        std::sin(pi * (double(row + 1) / rows_ - 0.5)) - std::sin(pi * (double(row) / rows_ - 0.5));
    area_.insert(area_.end(), std::size_t(columns()), ratio * radius * radius * pi / rows_ * band);
  }
  for (Overlap& o : overlaps_) o.area *= ratio;
}

template <class Real>
std::vector<double> LongitudeLatitudeMap::remap(const Array3<Real>& cell_values) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), cell_values);
  std::vector<double> means(area_.size(), 0.0);
  for (const Overlap& o : overlaps_) means[o.target] += o.area * double(host.data()[o.source]);
  grid_->comm().sum(std::span<double>(means));
  double have = 0, all = 0;
  for (std::size_t t = 0; t < means.size(); ++t) {
    have += means[t];
    all += area_[t];
    means[t] /= area_[t];
  }
  const double shift = (integral_of(*grid_, cell_values) - have) / all;
  for (double& mean : means) mean += shift;
  return means;
}

template <class Real>
EastNorth<Real> east_north(const CubedSphereGrid& grid, const Array3<Real>& x,
                           const Array3<Real>& y, const Array3<Real>& z) {
  const auto array = [&](const char* name) {
    return Array3<Real>(name, grid.extent(2), grid.extent(1), grid.extent(0));
  };
  const EastNorth<Real> result{array("east"), array("north")};
  const auto u = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), y);
  const auto w = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), z);
  const auto east = Kokkos::create_mirror_view(result.east);
  const auto north = Kokkos::create_mirror_view(result.north);
  const Range3 r = grid.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i) {
        const auto [longitude, latitude] = longitude_latitude(grid.direction(k, j, i));
        const double outwards =
            std::cos(longitude) * double(u(k, j, i)) + std::sin(longitude) * double(v(k, j, i));
        east(k, j, i) = Real(std::cos(longitude) * double(v(k, j, i)) -
                             std::sin(longitude) * double(u(k, j, i)));
        north(k, j, i) =
            Real(std::cos(latitude) * double(w(k, j, i)) - std::sin(latitude) * outwards);
      }
  Kokkos::deep_copy(result.east, east);
  Kokkos::deep_copy(result.north, north);
  return result;
}

template std::vector<double> LongitudeLatitudeMap::remap(const Array3<float>&) const;
template std::vector<double> LongitudeLatitudeMap::remap(const Array3<double>&) const;
template EastNorth<float> east_north(const CubedSphereGrid&, const Array3<float>&,
                                     const Array3<float>&, const Array3<float>&);
template EastNorth<double> east_north(const CubedSphereGrid&, const Array3<double>&,
                                      const Array3<double>&, const Array3<double>&);

}  // namespace understudy::mesh
