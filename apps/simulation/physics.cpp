#include "apps/simulation/physics.hpp"

#include "mesh/box_grid.hpp"

#include "apps/deck/box_section.hpp"

namespace understudy::apps {

void BoxPhysics::describe_grid(core::ParamVisitor& v) {
  describe_box(v, grid_, "the box and its cells");
}

std::array<bool, 3> BoxPhysics::periodic_axes() const {
  const int dimension = grid_.dimension();
  const auto kinds = boundary_kinds(dimension);
  std::array<bool, 3> periodic{};
  for (int axis = 0; axis < dimension; ++axis)
    periodic[axis] = kinds[2 * axis] == surrogates::SideKind::periodic;
  return periodic;
}

std::shared_ptr<const mesh::Grid> BoxPhysics::make_grid(const core::Comm& comm) const {
  return std::make_shared<const mesh::BoxGrid>(grid_, periodic_axes(), comm);
}

void SpherePhysics::describe_grid(core::ParamVisitor& v) {
  struct Section {
    mesh::GridParams& grid;
    void describe(core::ParamVisitor& visitor) {
      mesh::CubedSphereParams sphere = mesh::cubed_sphere_params(grid);
      sphere.describe(visitor);
      grid = sphere.grid_params();
    }
  } section{grid_};
  v.group("grid", section, "the cubed sphere and its cells");
}

std::shared_ptr<const mesh::Grid> SpherePhysics::make_grid(const core::Comm& comm) const {
  return std::make_shared<const mesh::CubedSphereGrid>(mesh::cubed_sphere_params(grid_), comm,
                                                       ghosts());
}

surrogates::SideKinds SpherePhysics::boundary_kinds(int dimension) const {
  return surrogates::SideKinds(2 * dimension, surrogates::SideKind::joint);
}

}  // namespace understudy::apps
