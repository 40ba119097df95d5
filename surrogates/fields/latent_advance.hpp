// One window of a reduced model (network.kind pod, dmd) on a State in place, over all ranks (private to
// surrogates/): encode, step the coordinates, decode. Each rank holds the modes on its own block; what
// the ranks exchange are a few hundred numbers.
//
// Encoding reads a few points only (torch_pod.hpp, choose_sensors): where the values there are a
// combination of the modes to `in_span` (as after every window of the model itself), their coordinates are
// the state's; otherwise the whole state is projected. So the result depends on the State alone, and
// restart, rollback and hand-over from the simulation need no memory of the model's.
//
// The initial projection drops what the modes do not span: the card's validation errors say how much.
#pragma once

#include <memory>

#include "mesh/field.hpp"
#include "surrogates/fields/model.hpp"

namespace understudy::surrogates {

template <class Real>
class LatentAdvance {
 public:
  static constexpr double in_span = 1e-3;  ///< relative residual at the sensors

  /// `parameters`: normalised, in the card's order. Collective.
  LatentAdvance(const FieldModel& model, std::shared_ptr<const mesh::Grid> grid,
                const std::vector<double>& parameters);
  ~LatentAdvance();

  /// Interior and closing faces of the prognostic fields; ghosts are the caller's. Collective.
  void advance(mesh::State<Real>& state);
  /// Coordinates of a state in the model's reduced space, in units of the first mode's spread.
  std::vector<float> encode(const mesh::State<Real>& state);
  /// How often the whole state had to be projected.
  long long projections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

extern template class LatentAdvance<float>;
extern template class LatentAdvance<double>;

}  // namespace understudy::surrogates
