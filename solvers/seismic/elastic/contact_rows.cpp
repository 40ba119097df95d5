#include "solvers/seismic/elastic/contact_rows.hpp"

#include <map>
#include <utility>
#include <vector>

namespace understudy::solvers::seismic {
namespace {

using Place = std::array<int, 3>;  // local indices i, j, k

// Staggered differences of radius 1 to 4 (Fornberg 1988), [radius][m].
constexpr double staggered[5][5] = {{},
                                    {0, 1},
                                    {0, 9.0 / 8, -1.0 / 24},
                                    {0, 75.0 / 64, -25.0 / 384, 3.0 / 640},
                                    {0, 1225.0 / 1024, -245.0 / 3072, 49.0 / 5120, -5.0 / 7168}};

Place moved(Place p, int axis, int by) {
  p[axis] += by;
  return p;
}

class Builder {
 public:
  Builder(const WaveGrid& grid, const SolidMap& solid, const ContactSetup& setup)
      : grid_(*grid.padded), solid_(solid), setup_(setup), dimension_(grid.dimension()) {}

  using Point = std::pair<int, Offset>;                   // component, index
  using Rows = std::map<Point, std::map<Point, double>>;  // row by row, ordered

  void build() {
    mesh::Range3 range = grid_.interior();
    for (int a = 0; a < dimension_; ++a) {  // stresses of other ranks act on velocities of this one
      range.begin[a] -= setup_.radius;
      range.end[a] += setup_.radius;
    }
    for (int k = range.begin[2]; k < range.end[2]; ++k)
      for (int j = range.begin[1]; j < range.end[1]; ++j)
        for (int i = range.begin[0]; i < range.end[0]; ++i)
          for (int a = 0; a < dimension_; ++a)
            for (int b = a + 1; b < dimension_; ++b) {
              edge({i, j, k}, a, b);
              edge({i, j, k}, b, a);
            }
  }

  Rows stress, velocity;

 private:
  // Is the velocity along `a` at this place one of a solid?
  bool moves_solid(const Place& p, int a) const { return solid_(p) || solid_(moved(p, a, -1)); }
  bool owned(const Place& p) const {
    const mesh::Range3 r = grid_.interior();
    for (int a = 0; a < dimension_; ++a)
      if (p[a] < r.begin[a] || p[a] >= r.end[a]) return false;
    return true;
  }
  Offset index(const Place& p) const {
    return p[0] + Offset(grid_.extent(0)) * (p[1] + Offset(grid_.extent(1)) * p[2]);
  }
  double weight(const Place& p, bool on_faces) const {
    const int row = p[dimension_ - 1];
    const auto& weights = on_faces ? setup_.face_weight : setup_.cell_weight;
    return row >= 0 && row < int(weights.size()) ? weights[row] : 1;
  }

  // The difference along b of the velocity along a, at the edge `p` of the axes a and b.
  void edge(const Place& p, int a, int b) {
    for (const Place& q : {p, moved(p, a, -1), moved(p, b, -1), moved(moved(p, a, -1), b, -1)})
      if (!solid_(q)) return;
    const int vertical = dimension_ - 1, most = setup_.radius;
    const int depth = grid_.interior().end[vertical] - p[vertical];  // rows below the surface
    const bool dense = b == vertical && setup_.surface_rows > 0 && depth <= setup_.surface_rows;
    if (dense && depth < 1) return;
    int radius = 1;  // the neighbours are solid
    while (radius < most && moves_solid(moved(p, b, radius), a) &&
           moves_solid(moved(p, b, -radius - 1), a))
      ++radius;
    std::map<int, double> change;  // by the offset along b
    if (dense) {
      const auto& s = setup_.surface;
      bool crosses = false;
      for (int m = 0; m < s.columns; ++m) {
        const double plain = -s.velocity_to_nodes[depth * s.columns + m];
        if (plain == 0) continue;
        change[depth - 1 - m] -= plain;
        crosses = crosses || !moves_solid(moved(p, b, depth - 1 - m), a);
      }
      if (!crosses) return;
      radius = std::min(radius, depth);
    } else {
      if (radius == most) return;
      for (int m = 1; m <= most; ++m) {
        change[m - 1] -= staggered[most][m];
        change[-m] += staggered[most][m];
      }
    }
    for (int m = 1; m <= radius; ++m) {
      change[m - 1] += staggered[radius][m];
      change[-m] -= staggered[radius][m];
    }
    const int c = shear_index(dimension_, std::min(a, b), std::max(a, b));
    const bool on_faces = std::max(a, b) == vertical;
    for (const auto& [offset, by] : change) {
      if (by == 0) continue;
      const Place q = moved(p, b, offset);
      const double slope = by / grid_.spacing(b);
      if (owned(p)) stress[{c, index(p)}][{a, index(q)}] += slope;
      if (owned(q))
        velocity[{a, index(q)}][{c, index(p)}] -=
            slope * weight(p, on_faces) / weight(q, a == vertical);
    }
  }

  const mesh::BoxGrid& grid_;
  const SolidMap& solid_;
  const ContactSetup& setup_;
  int dimension_;
};

template <class T, class Source>
Kokkos::View<T*, mesh::Memory> on_device(const char* name, const std::vector<Source>& values) {
  Kokkos::View<T*, mesh::Memory> view(name, values.size());
  auto host = Kokkos::create_mirror_view(view);
  for (std::size_t n = 0; n < values.size(); ++n) host(n) = static_cast<T>(values[n]);
  Kokkos::deep_copy(view, host);
  return view;
}

template <class Real>
ContactRows<Real> packed(const Builder::Rows& rows) {
  std::vector<int> first{0}, target_component, component;
  std::vector<Offset> target, source;
  std::vector<double> weight;
  for (const auto& [point, entries] : rows) {
    target_component.push_back(point.first);
    target.push_back(point.second);
    for (const auto& [from, by] : entries) {
      component.push_back(from.first);
      source.push_back(from.second);
      weight.push_back(by);
    }
    first.push_back(static_cast<int>(source.size()));
  }
  ContactRows<Real> packed;
  packed.rows = static_cast<int>(rows.size());
  packed.first = on_device<int>("contact rows", first);
  packed.target_component = on_device<int>("contact rows", target_component);
  packed.component = on_device<int>("contact rows", component);
  packed.target = on_device<Offset>("contact rows", target);
  packed.source = on_device<Offset>("contact rows", source);
  packed.weight = on_device<Real>("contact rows", weight);
  return packed;
}

}  // namespace

template <class Real>
Contacts<Real> make_contacts(const WaveGrid& grid, const SolidMap& solid,
                             const ContactSetup& setup) {
  if (!solid.mixed()) return {};
  Builder builder(grid, solid, setup);
  builder.build();
  return {packed<Real>(builder.stress), packed<Real>(builder.velocity)};
}

template Contacts<float> make_contacts<float>(const WaveGrid&, const SolidMap&,
                                              const ContactSetup&);
template Contacts<double> make_contacts<double>(const WaveGrid&, const SolidMap&,
                                                const ContactSetup&);

}  // namespace understudy::solvers::seismic
