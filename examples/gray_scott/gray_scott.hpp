// A solver for the Gray-Scott model (gray_scott_kernels.hpp) in a periodic 2-D box, as an Understudy Stepper.
// Five-point Laplacian; in time Heun's method, the strong-stability-preserving Runge-Kutta scheme of second
// order (C.-W. Shu and S. Osher, J. Comput. Phys. 77, 1988). Fields u, v at cells, dimensionless.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "examples/gray_scott/gray_scott_kernels.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/field.hpp"
#include "mesh/halo.hpp"
#include "solvers/stepper.hpp"

namespace gray_scott {

namespace us = understudy;

/// The deck's section `gray_scott`.
struct Params {
  double diffusivity_u_m2_s = 2e-5, diffusivity_v_m2_s = 1e-5;
  double feed_1_s = 0.037, kill_1_s = 0.06, reaction_1_s = 1;
  double max_dt_s = 1;
  int spots = 12;  ///< drops of V in the initial state
  double spot_radius_m = 0.1;
  long long seed = 1;  ///< where the drops fall
  void describe(us::core::ParamVisitor& v);
};

template <class Real>
class GrayScott : public us::solvers::Stepper<Real> {
 public:
  /// UserError when the grid is not two-dimensional.
  GrayScott(const Params& params, std::shared_ptr<const us::mesh::BoxGrid> grid);

  std::string name() const override { return "gray_scott"; }
  std::shared_ptr<const us::mesh::Grid> grid() const override { return grid_; }
  std::vector<us::mesh::FieldInfo> fields() const override;
  double stable_dt(const us::mesh::State<Real>& state) override;
  us::solvers::AdvanceReport advance(us::mesh::State<Real>& state, double duration_s) override;
  std::vector<us::solvers::Diagnostic> diagnostics(const us::mesh::State<Real>& state) override;
  /// Concentrations are not negative; ghosts are those of the periodic box.
  void constrain(us::mesh::State<Real>& state) override;

  /// U = 1, V = 0 but for the drops.
  void initialise(us::mesh::State<Real>& state) const;

 private:
  using Array = us::mesh::Array3<Real>;
  void stage(const Array& u, const Array& v, const Array& to_u, const Array& to_v, Real dt);
  void average(const Array& u, const Array& v);
  void exchange(const Array& u, const Array& v);

  Params params_;
  std::shared_ptr<const us::mesh::BoxGrid> grid_;
  us::mesh::Halo<Real> halo_;
  Coefficients<Real> c_;
  Array stage_u_, stage_v_, old_u_, old_v_;  ///< [k, j, i] with ghosts
};

extern template class GrayScott<float>;
extern template class GrayScott<double>;

}  // namespace gray_scott
