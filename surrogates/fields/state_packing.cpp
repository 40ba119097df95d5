#include "surrogates/fields/state_packing.hpp"

#include "mesh/cell_measure.hpp"
#include "mesh/loops.hpp"

namespace understudy::surrogates {

template <class Real>
void pack_channel(const mesh::Array3<Real>& field, const ChannelOf& target) {
  const mesh::Grid& grid = target.grid;
  const Channels channels = target.channels;
  const int to = target.index;
  const Real mean = static_cast<Real>(target.card.mean),
             scale = target.card.constant ? Real(0) : static_cast<Real>(1 / target.card.std);
  const int gi = grid.ghosts(0), gj = grid.ghosts(1), gk = grid.ghosts(2);
  mesh::for_cells(
      "surrogate pack", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        channels(to, k - gk, j - gj, i - gi) = static_cast<float>((field(k, j, i) - mean) * scale);
      });
}

template <class Real>
void state_to_increment(const ChannelOf& of, const mesh::Array3<Real>& field) {
  const mesh::Grid& grid = of.grid;
  if (of.card.constant) return;  // add_channel does not look at it
  const Channels channels = of.channels;
  const int at = of.index;
  const Real mean = static_cast<Real>(of.card.mean), std = static_cast<Real>(of.card.std),
             scale = static_cast<Real>(1 / of.card.increment_std);
  const int gi = grid.ghosts(0), gj = grid.ghosts(1), gk = grid.ghosts(2);
  mesh::for_cells(
      "surrogate increment", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        float& value = channels(at, k - gk, j - gj, i - gi);
        value =
            static_cast<float>((mean + std * static_cast<Real>(value) - field(k, j, i)) * scale);
      });
}

namespace {

template <class Real>
void set_constant(const mesh::Array3<Real>& field, const mesh::Range3& range, double value) {
  const Real constant = static_cast<Real>(value);
  mesh::for_cells(
      "surrogate constant", range,
      KOKKOS_LAMBDA(int k, int j, int i) { field(k, j, i) = constant; });
}

}  // namespace

template <class Real>
void add_channel(const ChannelOf& source, const mesh::Array3<Real>& field) {
  const mesh::Grid& grid = source.grid;
  const Channels channels = source.channels;
  const int from = source.index;
  const Real scale = static_cast<Real>(source.card.increment_std);
  const int gi = grid.ghosts(0), gj = grid.ghosts(1), gk = grid.ghosts(2);
  if (source.card.constant) {
    set_constant<Real>(field, grid.interior(), source.card.mean);
    return;
  }
  mesh::for_cells(
      "surrogate add", grid.interior(), KOKKOS_LAMBDA(int k, int j, int i) {
        field(k, j, i) += scale * static_cast<Real>(channels(from, k - gk, j - gj, i - gi));
      });
}

template <class Real>
void add_closing_faces(const ChannelOf& source, const SideKinds& boundaries,
                       mesh::Location location, const mesh::Array3<Real>& field) {
  const mesh::Grid& grid = source.grid;
  const Channels channels = source.channels;
  const int from = source.index;
  const Real scale = static_cast<Real>(source.card.increment_std);
  const int gi = grid.ghosts(0), gj = grid.ghosts(1), gk = grid.ghosts(2);
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const int side = 2 * axis + 1;
    if (!mesh::staggered(location, axis) || !grid.at_boundary(side) ||
        boundaries.at(side) != SideKind::open)
      continue;
    mesh::Range3 face = grid.interior();
    face.begin[axis] = face.end[axis];
    face.end[axis] += 1;
    if (source.card.constant) {
      set_constant<Real>(field, face, source.card.mean);
      continue;
    }
    const int di = axis == 0, dj = axis == 1, dk = axis == 2;
    mesh::for_cells(
        "surrogate closing face", face, KOKKOS_LAMBDA(int k, int j, int i) {
          field(k, j, i) +=
              scale * static_cast<Real>(channels(from, k - dk - gk, j - dj - gj, i - di - gi));
        });
  }
}

template <class Real>
double integral(const mesh::Grid& grid, const mesh::Array3<Real>& field) {
  return grid.comm().sum(mesh::sum_weighed_cells(
      "surrogate integral", grid,
      KOKKOS_LAMBDA(int k, int j, int i) { return static_cast<double>(field(k, j, i)); }));
}

template <class Real>
void set_integral(const mesh::Grid& grid, const mesh::Array3<Real>& field, double wanted) {
  const Real shift =
      static_cast<Real>((wanted - integral(grid, field)) / mesh::weight_of_cells(grid));
  mesh::for_cells(
      "surrogate set integral", grid.interior(),
      KOKKOS_LAMBDA(int k, int j, int i) { field(k, j, i) += shift; });
}

template <class Real>
void replicate_ghosts(const mesh::Grid& grid, mesh::Location location,
                      const mesh::Array3<Real>& field) {
  const mesh::Range3 points = grid.points(location);
  for (int side = 0; side < 2 * grid.dimension(); ++side) {
    if (!grid.at_boundary(side)) continue;
    const int axis = mesh::side_axis(side);
    mesh::Range3 ghosts = grid.everything();
    if (mesh::is_upper(side))
      ghosts.begin[axis] = points.end[axis];
    else
      ghosts.end[axis] = points.begin[axis];
    const int from = mesh::is_upper(side) ? points.end[axis] - 1 : points.begin[axis];
    mesh::for_cells(
        "surrogate ghosts", ghosts, KOKKOS_LAMBDA(int k, int j, int i) {
          field(k, j, i) = field(axis == 2 ? from : k, axis == 1 ? from : j, axis == 0 ? from : i);
        });
  }
}

template double integral(const mesh::Grid&, const mesh::Array3<float>&);
template double integral(const mesh::Grid&, const mesh::Array3<double>&);
template void set_integral(const mesh::Grid&, const mesh::Array3<float>&, double);
template void set_integral(const mesh::Grid&, const mesh::Array3<double>&, double);
template void state_to_increment(const ChannelOf&, const mesh::Array3<float>&);
template void state_to_increment(const ChannelOf&, const mesh::Array3<double>&);
template void pack_channel(const mesh::Array3<float>&, const ChannelOf&);
template void add_channel(const ChannelOf&, const mesh::Array3<float>&);
template void add_closing_faces(const ChannelOf&, const SideKinds&, mesh::Location,
                                const mesh::Array3<float>&);
template void pack_channel(const mesh::Array3<double>&, const ChannelOf&);
template void add_channel(const ChannelOf&, const mesh::Array3<double>&);
template void add_closing_faces(const ChannelOf&, const SideKinds&, mesh::Location,
                                const mesh::Array3<double>&);
template void replicate_ghosts(const mesh::Grid&, mesh::Location, const mesh::Array3<float>&);
template void replicate_ghosts(const mesh::Grid&, mesh::Location, const mesh::Array3<double>&);

}  // namespace understudy::surrogates
