#include "solvers/assimilation/objective.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::solvers::assimilation {

namespace {

// f(value, n) of the n-th value that this rank owns, of all named fields behind each other; in place where
// `write` is set.
template <class Real, class F>
void each_value(const mesh::State<Real>& state, const std::vector<std::string>& names, bool write,
                const F& f) {
  std::size_t n = 0;
  for (const auto& name : names) {
    const auto& field = state[name];
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), field.data);
    const mesh::Range3 r = state.grid().points(field.info.location);
    for (int k = r.begin[2]; k < r.end[2]; ++k)
      for (int j = r.begin[1]; j < r.end[1]; ++j)
        for (int i = r.begin[0]; i < r.end[0]; ++i) f(host(0, k, j, i), n++);
    if (write) Kokkos::deep_copy(field.data, host);
  }
}

template <class Real>
std::vector<double> values_of(const mesh::State<Real>& state,
                              const std::vector<std::string>& names) {
  std::vector<double> values;
  each_value(state, names, false, [&](Real& value, std::size_t) { values.push_back(value); });
  return values;
}

// a <- factor a + b.
template <class Real>
void add_scaled(double factor, const mesh::Array4<Real>& a, const mesh::Array4<Real>& b) {
  Real* const into = a.data();
  const Real* const from = b.data();
  const Real f = static_cast<Real>(factor);
  Kokkos::parallel_for(
      "background", Kokkos::RangePolicy<mesh::Exec>(0, a.size()),
      KOKKOS_LAMBDA(const std::size_t n) { into[n] = f * into[n] + from[n]; });
}

void require_correlated(const UnknownFields& fields) {
  if (!(fields.deviation > 0))
    throw core::UserError(
        "assimilation: a background of correlated errors needs their standard deviation");
  if (std::isfinite(fields.lower) || std::isfinite(fields.upper))
    throw core::UserError(
        "assimilation: an initial state whose background's errors are correlated cannot have bounds");
}

}  // namespace

template <class Real>
AssimilationObjective<Real>::AssimilationObjective(AssimilationProblem<Real> problem)
    : problem_(std::move(problem)), course_(problem_.course, problem_.background) {
  std::vector<double> numbers;
  for (const UnknownNumber& n : problem_.numbers) {
    numbers.push_back(n.background);
    if (!(n.background >= n.lower && n.background <= n.upper))
      throw core::UserError(
          core::format("assimilation: {} starts at {:.6g} {}, outside its bounds, {:.6g} to {:.6g}",
                       n.name, n.background, n.unit, n.lower, n.upper));
    if (n.factor && !(n.lower > 0))
      throw core::UserError(
          core::format("assimilation: the lower bound of {} is {:.6g}; a factor's must be above 0",
                       n.name, n.lower));
  }
  if (numbers.empty() && problem_.initial.names.empty())
    throw core::UserError("assimilation: nothing is unknown");
  background_ = unknowns(numbers, problem_.background);
  count_ = background_.size();
  if (problem_.initial.length_m > 0 && !problem_.initial.names.empty()) {
    require_correlated(problem_.initial);
    root_ = std::make_unique<CorrelationRoot<Real>>(
        mesh::as_box(problem_.background.shared_grid(), "assimilation"), problem_.initial.length_m);
    std::fill(background_.begin() + static_cast<std::ptrdiff_t>(own_numbers()), background_.end(),
              0.0);
  }
  // A start that bounds exclude lies on them.
  std::string fault;
  for (std::size_t n = own_numbers(); n < count_ && fault.empty(); ++n)
    if (!(background_[n] >= problem_.initial.lower && background_[n] <= problem_.initial.upper))
      fault = core::format(
          "assimilation: the initial state starts with {:.6g}, outside its bounds, {:.6g} to {:.6g}",
          background_[n], problem_.initial.lower, problem_.initial.upper);
  problem_.background.grid().comm().template throw_on_all_ranks<core::UserError>(fault);
}

template <class Real>
std::size_t AssimilationObjective<Real>::own_numbers() const {
  return problem_.background.grid().comm().is_root() ? problem_.numbers.size() : 0;
}

template <class Real>
std::vector<double> AssimilationObjective<Real>::background() const {
  return background_;
}

template <class Real>
std::vector<double> AssimilationObjective<Real>::bounds(double UnknownNumber::* of_number,
                                                        double of_fields) const {
  std::vector<double> all(count_, of_fields);
  for (std::size_t n = 0; n < own_numbers(); ++n) all[n] = problem_.numbers[n].*of_number;
  return all;
}

template <class Real>
std::vector<double> AssimilationObjective<Real>::scales() const {
  double square = 0;
  const auto& samples = problem_.course.observations.samples;
  for (const Sample& s : samples) square += s.value * s.value / static_cast<double>(samples.size());
  const double typical = square > 0 ? std::sqrt(square) : 1;
  std::vector<double> scales(count_, correlated()                     ? 1
                                     : problem_.initial.deviation > 0 ? problem_.initial.deviation
                                                                      : typical);
  for (std::size_t n = 0; n < own_numbers(); ++n) {
    const UnknownNumber& u = problem_.numbers[n];
    const double width = u.upper - u.lower;
    scales[n] = u.deviation > 0                     ? u.deviation
                : u.background != 0                 ? std::abs(u.background)
                : std::isfinite(width) && width > 0 ? 0.1 * width
                                                    : 1;
  }
  return scales;
}

template <class Real>
std::vector<double> AssimilationObjective<Real>::unknowns(std::span<const double> numbers,
                                                          const mesh::State<Real>& state) const {
  std::vector<double> x(numbers.begin(), numbers.begin() + own_numbers());
  const auto values = values_of(state, problem_.initial.names);
  x.insert(x.end(), values.begin(), values.end());
  return x;
}

template <class Real>
std::vector<double> AssimilationObjective<Real>::numbers(std::span<const double> x) const {
  std::vector<double> all(problem_.numbers.size());
  std::copy_n(x.begin(), own_numbers(), all.begin());
  problem_.background.grid().comm().broadcast(all.data(), all.size() * sizeof(double));
  return all;
}

template <class Real>
void AssimilationObjective<Real>::put_fields(std::span<const double> x,
                                             const mesh::State<Real>& state) const {
  const auto fields = x.subspan(own_numbers());
  each_value(state, problem_.initial.names, true,
             [&](Real& value, std::size_t n) { value = static_cast<Real>(fields[n]); });
}

template <class Real>
mesh::State<Real> AssimilationObjective<Real>::initial_state(Stepper<Real>& stepper,
                                                             std::span<const double> x) const {
  mesh::State<Real> state = problem_.background.clone();
  put_fields(x, state);
  if (correlated())
    for (const auto& name : problem_.initial.names) {
      root_->apply(state[name]);
      add_scaled(problem_.initial.deviation, state[name].data, problem_.background[name].data);
    }
  stepper.constrain(state);
  return state;
}

template <class Real>
double AssimilationObjective<Real>::background_term(std::span<const double> x,
                                                    std::span<double> gradient) const {
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const double deviation = n < own_numbers() ? problem_.numbers[n].deviation
                             : correlated()    ? 1
                                               : problem_.initial.deviation;
    if (deviation <= 0) continue;
    const double off = (x[n] - background_[n]) / deviation;
    sum += 0.5 * off * off;
    gradient[n] += off / deviation;
  }
  return problem_.background.grid().comm().sum(sum);
}

template <class Real>
void AssimilationObjective<Real>::require_finite(const AssimilationValue& value,
                                                 std::span<const double> gradient) const {
  std::string fault;
  for (std::size_t n = 0; n < gradient.size() && fault.empty(); ++n) {
    if (std::isfinite(gradient[n])) continue;
    const std::string name =
        n < own_numbers() ? problem_.numbers[n].name : std::string("the initial state");
    fault = core::format(
        "assimilation: the derivative with respect to {}, summed over the {} steps, is not finite: it grew "
        "without bound on its way back; a shorter time may help",
        name, problem_.course.time.count);
  }
  if (fault.empty() && !std::isfinite(value.sum()))
    fault = "assimilation: the background term is not finite";
  problem_.background.grid().comm().template throw_on_all_ranks<core::RunError>(fault);
}

template <class Real>
AssimilationValue AssimilationObjective<Real>::evaluate(std::span<const double> x,
                                                        std::span<double> gradient) {
  const auto stepper = problem_.make_stepper(numbers(x));
  DifferentiableStepper<Real>* derivative = differentiable(*stepper);
  if (!derivative)
    throw core::UserError(core::format(
        "assimilation: '{}' has no adjoint, from which gradients are computed", stepper->name()));
  const mesh::State<Real> start = initial_state(*stepper, x);
  mesh::State<Real> adjoint = derivative->make_adjoint();
  Controls<Real> slopes = derivative->make_controls();
  AssimilationValue value;
  value.misfit = course_.evaluate(*stepper, start, adjoint, slopes);
  derivative->constrain_adjoint(problem_.background.time_s, adjoint, slopes);
  std::ranges::fill(gradient, 0.0);
  const auto all = numbers(x);
  for (std::size_t n = 0; n < own_numbers(); ++n) {
    const UnknownNumber& u = problem_.numbers[n];
    gradient[n] = slopes.numbers.at(u.control).at(u.index) / (u.factor ? all[n] : 1);
  }
  if (correlated())
    for (const auto& name : problem_.initial.names) root_->apply(adjoint[name]);
  const double factor = correlated() ? problem_.initial.deviation : 1;
  const auto fields = gradient.subspan(own_numbers());
  each_value(adjoint, problem_.initial.names, false,
             [&](Real& slope, std::size_t n) { fields[n] = factor * static_cast<double>(slope); });
  value.background = background_term(x, gradient);
  require_finite(value, gradient);
  return value;
}

template class AssimilationObjective<float>;
template class AssimilationObjective<double>;

}  // namespace understudy::solvers::assimilation
