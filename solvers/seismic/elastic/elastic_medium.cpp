#include "solvers/seismic/elastic/elastic_medium.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::seismic {
namespace {

using Place = std::array<int, 3>;  // local indices i, j, k

// The model at any local index of the padded grid, by the nearest cell of the box.
class Lookup {
 public:
  Lookup(const EarthModel& model, const WaveGrid& grid) : model_(model), grid_(grid) {}
  std::size_t operator()(const Place& local) const {
    const mesh::BoxGrid& padded = *grid_.padded;
    Place cell{0, 0, 0};
    for (int axis = 0; axis < grid_.dimension(); ++axis)
      cell[axis] =
          std::clamp(local[axis] - padded.ghosts(axis) + padded.offset(axis) - grid_.first[axis], 0,
                     model_.cells[axis] - 1);
    return model_.index(cell[2], cell[1], cell[0]);
  }

 private:
  const EarthModel& model_;
  const WaveGrid& grid_;
};

template <class Real, class F>
mesh::Array3<Real> fill(const char* name, const mesh::BoxGrid& padded, const F& value) {
  mesh::Array3<Real> array(name, padded.extent(2), padded.extent(1), padded.extent(0));
  auto host = Kokkos::create_mirror_view(array);
  for (int k = 0; k < padded.extent(2); ++k)
    for (int j = 0; j < padded.extent(1); ++j)
      for (int i = 0; i < padded.extent(0); ++i)
        host(k, j, i) = static_cast<Real>(value(Place{i, j, k}));
  Kokkos::deep_copy(array, host);
  return array;
}

Place before(Place p, int axis) {
  --p[axis];
  return p;
}

void require_elastic(const EarthModel& model, const WaveGrid& grid) {
  if (model.s_speed_m_s.empty())
    throw core::UserError(
        "seismic.equation: elastic needs an S speed; set seismic.model.s_speed: ratio, or give one to "
        "every layer or in the file");
  if (model.density_kg_m3.empty())
    throw core::UserError(
        "seismic.equation: elastic needs a density; set seismic.model.density to constant or gardner");
  for (int axis = 0; axis < grid.dimension(); ++axis)
    if (model.cells[axis] != grid.box.cells[axis])
      throw core::UserError(core::format("the model has {} cells along {}, but the grid has {}",
                                         model.cells[axis], "xyz"[axis], grid.box.cells[axis]));
}

}  // namespace

SolidMap::SolidMap(const EarthModel& model, const WaveGrid& grid) : cells_(model.cells) {
  const mesh::BoxGrid& padded = *grid.padded;
  for (int axis = 0; axis < grid.dimension(); ++axis)
    origin_[axis] = padded.offset(axis) - padded.ghosts(axis) - grid.first[axis];
  solid_.reserve(model.s_speed_m_s.size());
  std::size_t count = 0;
  for (const double speed : model.s_speed_m_s) {
    solid_.push_back(speed > 0);
    count += speed > 0;
  }
  mixed_ = count > 0 && count < solid_.size();
}

bool SolidMap::operator()(const std::array<int, 3>& local) const {
  std::array<int, 3> cell{0, 0, 0};
  for (int axis = 0; axis < 3; ++axis)
    cell[axis] = std::clamp(local[axis] + origin_[axis], 0, cells_[axis] - 1);
  return solid_[(std::size_t(cell[2]) * cells_[1] + cell[1]) * cells_[0] + cell[0]];
}

template <class Real>
ElasticMedium<Real> make_elastic_medium(const EarthModel& model, const WaveGrid& grid) {
  require_elastic(model, grid);
  const mesh::BoxGrid& padded = *grid.padded;
  const Lookup at(model, grid);
  const auto density = [&](const Place& p) { return model.density_kg_m3[at(p)]; };
  const auto shear = [&](const Place& p) {
    const std::size_t n = at(p);
    return model.density_kg_m3[n] * model.s_speed_m_s[n] * model.s_speed_m_s[n];
  };
  ElasticMedium<Real> medium;
  medium.solid = std::make_shared<const SolidMap>(model, grid);
  medium.mu = fill<Real>("mu", padded, shear);
  medium.lambda = fill<Real>("lambda", padded, [&](const Place& p) {
    const std::size_t n = at(p);
    return model.density_kg_m3[n] * model.p_speed_m_s[n] * model.p_speed_m_s[n] - 2 * shear(p);
  });
  const int dimension = grid.dimension();
  for (int a = 0; a < dimension; ++a) {
    medium.buoyancy[a] = fill<Real>("buoyancy", padded, [&](const Place& p) {
      return 2 / (density(p) + density(before(p, a)));
    });
    for (int b = a + 1; b < dimension; ++b)
      medium.mu_edge[shear_index(dimension, a, b)] =
          fill<Real>("mu at edges", padded, [&](const Place& p) {
            double sum = 0;
            for (const Place& q : {p, before(p, a), before(p, b), before(before(p, a), b)}) {
              const double mu = shear(q);
              if (mu <= 0) return 0.0;
              sum += 1 / mu;
            }
            return 4 / sum;
          });
  }
  return medium;
}

template ElasticMedium<float> make_elastic_medium<float>(const EarthModel&, const WaveGrid&);
template ElasticMedium<double> make_elastic_medium<double>(const EarthModel&, const WaveGrid&);

}  // namespace understudy::solvers::seismic
