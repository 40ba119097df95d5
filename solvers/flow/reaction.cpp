#include "solvers/flow/reaction.hpp"

#include <algorithm>

#include "mesh/loops.hpp"

namespace understudy::solvers::flow {

namespace {

// The place of a cell in the batch: in the order of the cells.
struct PlaceOf {
  mesh::Range3 r;
  KOKKOS_INLINE_FUNCTION int operator()(int k, int j, int i) const {
    return ((k - r.begin[2]) * (r.end[1] - r.begin[1]) + j - r.begin[1]) * (r.end[0] - r.begin[0]) +
           i - r.begin[0];
  }
};

double fastest(const FlowReactionParams& p) {
  double growth = 0;
  if (p.growth == "logistic") growth = p.growth_1_s;
  // At c = 0 it is -a, at c = 1 it is a - 1; between them it is not above 1/3.
  if (p.growth == "bistable") growth = p.growth_1_s * std::max(p.threshold, 1 - p.threshold);
  return growth + p.decay_1_s;
}

template <class Real>
void react(const ReactionRate<Real>& rate, const mesh::Points<const Real>& in,
           const mesh::Points<Real>& out) {
  Kokkos::parallel_for(
      "reaction", Kokkos::RangePolicy<mesh::Exec>(0, in.extent(0)),
      KOKKOS_LAMBDA(const int n) { out(n, 0) = rate(in(n, 0)); });
}

}  // namespace

template <class Real>
Reaction<Real>::Reaction(const FlowScalarParams& params, const mesh::BoxGrid& grid)
    : cells_(grid.interior()) {
  const FlowReactionParams& p = params.reaction;
  if (!params.enabled || !p.enabled()) return;
  rate_.growth = p.growth == "logistic"   ? Growth::logistic
                 : p.growth == "bistable" ? Growth::bistable
                                          : Growth::none;
  rate_.rate = Real(p.growth_1_s);
  rate_.threshold = Real(p.threshold);
  rate_.decay = Real(p.decay_1_s);
  fastest_ = fastest(p);
  in_ = mesh::Points<Real>("reaction scalar", cells_.count(), 1);
  out_ = mesh::Points<Real>("reaction rate", cells_.count(), 1);
  physics_ = [rate = rate_](const mesh::Points<const Real>& in, const mesh::Points<Real>& out) {
    react<Real>(rate, in, out);
  };
  in_use_ = physics_;
}

template <class Real>
void Reaction<Real>::add(const StepCoefficients<Real>& step, const ScalarStep<Real>& scalar) const {
  if (empty()) return;
  const PlaceOf place{cells_};
  const auto in = in_, out = out_;
  const auto c = scalar.scalar, rate = scalar.rate, star = scalar.star;
  const Real weight = step.dt * step.weight_now;
  mesh::for_cells(
      "pack reaction", cells_,
      KOKKOS_LAMBDA(int k, int j, int i) { in(place(k, j, i), 0) = c(k, j, i); });
  in_use_(in, out);
  mesh::for_cells(
      "add reaction", cells_, KOKKOS_LAMBDA(int k, int j, int i) {
        const Real source = out(place(k, j, i), 0);
        rate(k, j, i) += source;
        star(k, j, i) += weight * source;
      });
}

template <class Real>
PointProcess<Real> Reaction<Real>::process() {
  return {reaction_process,
          {{"scalar", "1"}},
          {{"reaction_rate", "1/s"}},
          physics_,
          [this](PointCall<Real> call) { in_use_ = std::move(call); }};
}

template class Reaction<float>;
template class Reaction<double>;

}  // namespace understudy::solvers::flow
