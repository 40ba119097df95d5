#include "mesh/io/longitude_latitude.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <span>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::mesh {

namespace {

constexpr double pi = std::numbers::pi;
constexpr int parts_per_cell = 6;  // samples along the width of a source cell
constexpr int most_sweeps = 60;
constexpr double close_enough = 1e-13;

double interior_measure(const CubedSphereGrid& grid, const std::vector<double>& measure) {
  double sum = 0;
  const Range3 r = grid.interior();
  for (int k = r.begin[2]; k < r.end[2]; ++k)
    for (int j = r.begin[1]; j < r.end[1]; ++j)
      for (int i = r.begin[0]; i < r.end[0]; ++i)
        sum += measure[(std::size_t(k) * grid.extent(1) + j) * grid.extent(0) + i];
  return grid.comm().sum(sum);
}

std::vector<double> host_measure(const CubedSphereGrid& grid) {
  const auto host =
      Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), grid.cell_measure().of_each);
  return {host.data(), host.data() + host.size()};
}

}  // namespace

LongitudeLatitudeMap::LongitudeLatitudeMap(std::shared_ptr<const CubedSphereGrid> grid, int rows)
    : grid_(std::move(grid)), rows_(rows) {
  if (rows < 2)
    throw core::UserError(
        core::format("a longitude-latitude grid has at least 2 latitudes; {} are wanted", rows));
  sample();
  fit();
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

std::vector<double> LongitudeLatitudeMap::target_sums() const {
  std::vector<double> sums(std::size_t(rows_) * columns(), 0.0);
  for (const Overlap& o : overlaps_) sums[o.target] += o.area;
  grid_->comm().sum(std::span<double>(sums));
  return sums;
}

void LongitudeLatitudeMap::fit() {
  const std::vector<double> measure = host_measure(*grid_);
  const double radius = grid_->radius();
  const double ratio = interior_measure(*grid_, measure) / (4 * pi * radius * radius);
  std::vector<double> wanted(std::size_t(rows_) * columns());
  for (int row = 0; row < rows_; ++row)
    for (int column = 0; column < columns(); ++column)
      wanted[std::size_t(row) * columns() + column] =
          ratio * radius * radius * pi / rows_ *
          (std::sin(pi * (double(row + 1) / rows_ - 0.5)) -
           std::sin(pi * (double(row) / rows_ - 0.5)));
  std::vector<double> sources(measure.size());
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    std::ranges::fill(sources, 0.0);
    for (const Overlap& o : overlaps_) sources[o.source] += o.area;
    for (Overlap& o : overlaps_) o.area *= measure[o.source] / sources[o.source];
    area_ = target_sums();
    double worst = 0;
    for (std::size_t t = 0; t < area_.size(); ++t)
      worst = std::max(worst, std::abs(area_[t] / wanted[t] - 1));
    if (worst < close_enough || sweep + 1 == most_sweeps) break;
    for (Overlap& o : overlaps_) o.area *= wanted[o.target] / area_[o.target];
  }
}

template <class Real>
std::vector<double> LongitudeLatitudeMap::remap(const Array3<Real>& cell_values) const {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), cell_values);
  std::vector<double> means(area_.size(), 0.0);
  for (const Overlap& o : overlaps_) means[o.target] += o.area * double(host.data()[o.source]);
  grid_->comm().sum(std::span<double>(means));
  for (std::size_t t = 0; t < means.size(); ++t) means[t] /= area_[t];
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
