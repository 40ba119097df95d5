// Fields and the State they make up. A field is declared once (name, unit, location, role) by the
// Stepper that owns its meaning; the State allocates it. Storage: Array4 [component, k, j, i] with
// ghosts, see grid.hpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mesh/array.hpp"
#include "mesh/grid.hpp"

namespace understudy::mesh {

enum class Role {
  prognostic,  ///< the state proper: what a surrogate predicts and an output shows
  history,     ///< a scheme's memory of earlier steps: in checkpoints only
  fixed        ///< constant in time (a body's mask): shown and given to networks, never predicted
};

struct FieldInfo {
  std::string name;
  std::string unit;
  Location location = Location::cell;
  Role role = Role::prognostic;
  std::string description = {};
  int components = 1;
};

template <class Real>
struct Field {
  FieldInfo info;
  Array4<Real> data;  ///< [components, extent z, extent y, extent x]

  /// One component as [k, j, i]; shares the memory.
  Array3<Real> component(int c = 0) const {
    return Kokkos::subview(data, c, Kokkos::ALL, Kokkos::ALL, Kokkos::ALL);
  }
};

/// All fields of a run at one time, and the scheme's named scalars (`dt_previous_s`...). Copying a
/// State shares its arrays; copy_from and clone copy values.
template <class Real>
class State {
 public:
  State(std::shared_ptr<const Grid> grid, const std::vector<FieldInfo>& fields);

  const Grid& grid() const { return *grid_; }
  std::shared_ptr<const Grid> shared_grid() const { return grid_; }
  std::vector<Field<Real>>& fields() { return fields_; }
  const std::vector<Field<Real>>& fields() const { return fields_; }
  /// UserError-free lookup: std::out_of_range naming the field and those that exist.
  Field<Real>& operator[](const std::string& name);
  const Field<Real>& operator[](const std::string& name) const;
  bool has(const std::string& name) const;

  State clone() const;
  void copy_from(const State& other);  ///< same fields and grid

  double time_s = 0;
  long long step = 0;                     ///< time steps (or network calls) since the start
  std::map<std::string, double> scalars;  ///< the scheme's memory, in checkpoints

 private:
  std::shared_ptr<const Grid> grid_;
  std::vector<Field<Real>> fields_;
};

extern template class State<float>;
extern template class State<double>;

}  // namespace understudy::mesh
