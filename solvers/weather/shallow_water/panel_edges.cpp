#include "solvers/weather/shallow_water/panel_edges.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/error.hpp"
#include "core/format.hpp"
#include "mesh/loops.hpp"
#include "solvers/weather/shallow_water/shallow_water_kernels.hpp"

namespace understudy::solvers::shallow_water {

namespace {

constexpr int sides = 4;

// A cell beside an edge by its number: (panel 4 + side) n + index along the side.
struct EdgeCell {
  int panel, side, index;
};

EdgeCell edge_cell(long long number, int n) {
  return {int(number / n / sides), int(number / n % sides), int(number % n)};
}

// Which rank has that cell's flux, and where in its arrays [panel, side, longest side of its block].
template <class Real>
typename mesh::IndexExchange<Real>::Home home_of(const mesh::CubedSphereGrid& grid,
                                                 long long number) {
  const int n = grid.cells_per_edge();
  const EdgeCell cell = edge_cell(number, n);
  const int axis = mesh::side_axis(cell.side), along = 1 - axis;
  const int across = mesh::is_upper(cell.side) ? n - 1 : 0;
  for (int rank = 0; rank < grid.comm().size(); ++rank) {
    const mesh::Range3 block = grid.block(rank);
    if (cell.index < block.begin[along] || cell.index >= block.end[along] ||
        across < block.begin[axis] || across >= block.end[axis])
      continue;
    const int longest = std::max(block.size(0), block.size(1));
    return {rank,
            1LL * (cell.panel * sides + cell.side) * longest + cell.index - block.begin[along]};
  }
  throw std::out_of_range("no rank has that edge");
}

}  // namespace

template <class Real>
PanelEdges<Real>::PanelEdges(std::shared_ptr<const mesh::CubedSphereGrid> grid)
    : stride_(grid->extent(0)) {
  const int n = grid->cells_per_edge(), wide = grid->extent(0), high = grid->extent(1);
  const int longest = std::max(grid->local_cells(0), grid->local_cells(1));
  for (int axis = 0; axis < 2; ++axis)
    if (grid->local_cells(axis) < mesh::edge_cells)
      throw core::UserError(core::format(
          "grid.cells: a rank has {} cells along an edge of a panel; at least {} are needed: use fewer ranks "
          "or more cells",
          grid->local_cells(axis), mesh::edge_cells));
  own_ = mesh::Array3<Real>("edge flux", grid->panels(), sides, longest);
  std::vector<long long> wanted;
  for (int axis = 0; axis < 2; ++axis) {
    std::vector<int> face, cell, area, place, sign, partner;
    const int along = 1 - axis, cells = grid->local_cells(axis);
    for (int panel = 0; panel < grid->panels(); ++panel)
      for (int upper = 0; upper < 2; ++upper) {
        const int outermost = upper ? grid->offset(axis) + cells : grid->offset(axis);
        if (outermost != (upper ? n : 0)) continue;
        const int side = 2 * axis + upper;
        const mesh::Joint joint = grid->topology().across(panel, side);
        for (int m = 0; m < grid->local_cells(along); ++m) {
          const int inside = grid->ghosts(axis) + (upper ? cells - 1 : 0);
          const int beside = grid->ghosts(along) + m;
          const int i = axis == 0 ? inside : beside, j = axis == 0 ? beside : inside;
          cell.push_back((panel * high + j) * wide + i);
          area.push_back(j * wide + i);
          face.push_back(cell.back() + (upper ? (axis == 0 ? 1 : wide) : 0));
          place.push_back((panel * sides + side) * longest + m);
          sign.push_back(upper ? 1 : -1);
          partner.push_back(int(wanted.size()));
          const int index = grid->offset(along) + m;
          wanted.push_back((1LL * joint.panel * sides + joint.side) * n +
                           (joint.reversed ? n - 1 - index : index));
        }
      }
    cells_[axis] = {mesh::device_list(face),  mesh::device_list(cell), mesh::device_list(area),
                    mesh::device_list(place), mesh::device_list(sign), mesh::device_list(partner)};
  }
  exchange_ = std::make_unique<mesh::IndexExchange<Real>>(
      grid->comm(), wanted, [&](long long number) { return home_of<Real>(*grid, number); });
  theirs_ = decltype(theirs_)("fluxes of the panels across", wanted.size(), 1);
}

// What the outermost cell's difference lacks, in the direction of the axis; f0 is the edge's face, s one
// face inwards, `passed` what goes through the edge.
template <int order, class Real>
KOKKOS_FORCEINLINE_FUNCTION Real lacking(const Real* f0, const long s, const Real passed) {
  const long up = s > 0 ? s : -s;
  Real sum = 0;
  for (int m = 0; m < mesh::edge_cells; ++m)
    sum += Real(mesh::edge_weight(m)) * difference<order>(f0 + (s > 0 ? m * s : (m + 1) * s), up);
  const Real inner = corrected<order>(f0 + mesh::edge_cells * s, up);
  const Real wanted = s > 0 ? inner - passed : passed - inner;
  return (wanted - sum) / Real(mesh::edge_weight(0));
}

namespace {

template <class Real>
struct EdgeFluxes {
  const Real* own;
  Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory> theirs;
  const Real *flux, *area;
  long stride;
  Real seconds;
};

// Gives the outermost cells what lacks.
template <int order, class Real>
void close(const EdgeCells& at, const EdgeFluxes<Real>& f, Real* q) {
  const EdgeCells cells = at;
  const EdgeFluxes<Real> of = f;
  Kokkos::parallel_for(
      "panel edges", Kokkos::RangePolicy<mesh::Exec>(0, cells.face.extent(0)),
      KOKKOS_LAMBDA(int n) {
        const int sign = cells.sign(n);
        const Real outward = Real(0.5) * (of.own[cells.place(n)] - of.theirs(cells.partner(n), 0));
        q[cells.cell(n)] -=
            of.seconds * of.area[cells.area(n)] *
            lacking<order>(of.flux + cells.face(n), -sign * of.stride, Real(sign) * outward);
      });
}

}  // namespace

template <class Real>
void PanelEdges<Real>::reconcile(
    int order, const std::array<mesh::Array3<Real>, 2>& fluxes, const mesh::Array3<Real>& value,
    const Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory>& inverse_area, double factor) {
  for (int axis = 0; axis < 2; ++axis) {
    const EdgeCells cells = cells_[axis];
    const Real* const flux = fluxes[axis].data();
    Real* const own = own_.data();
    Kokkos::parallel_for(
        "edge fluxes", Kokkos::RangePolicy<mesh::Exec>(0, cells.face.extent(0)),
        KOKKOS_LAMBDA(int n) { own[cells.place(n)] = Real(cells.sign(n)) * flux[cells.face(n)]; });
  }
  exchange_->fetch({own_}, theirs_);
  for (int axis = 0; axis < 2; ++axis) {
    const EdgeFluxes<Real> of{
        own_.data(), theirs_, fluxes[axis].data(), inverse_area.data(), axis == 0 ? 1 : stride_,
        Real(factor)};
    if (order == 3) close<3>(cells_[axis], of, value.data());
    if (order == 5) close<5>(cells_[axis], of, value.data());
    if (order == 7) close<7>(cells_[axis], of, value.data());
  }
}

template class PanelEdges<float>;
template class PanelEdges<double>;

}  // namespace understudy::solvers::shallow_water
