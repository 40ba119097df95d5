#include "solvers/steady.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <sstream>
#include <vector>

#include "core/format.hpp"
#include "mesh/loops.hpp"

namespace understudy::solvers {

namespace {

constexpr double round_off = 1e-9;  // in SI units, below which a field counts as zero

// Sums of squares over the interior.
template <class Real>
std::array<double, 2> change_and_size(const mesh::Range3& cells, const mesh::Array3<Real>& now,
                                      const mesh::Array3<Real>& old) {
  const double change = mesh::sum_cells(
      "change", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const double d = static_cast<double>(now(k, j, i)) - static_cast<double>(old(k, j, i));
        return d * d;
      });
  const double size = mesh::sum_cells(
      "size", cells, KOKKOS_LAMBDA(int k, int j, int i) {
        const double q = static_cast<double>(now(k, j, i));
        return q * q;
      });
  return {change, size};
}

// The largest relative change of all prognostic fields.
template <class Real>
double relative_change(const mesh::State<Real>& now, const mesh::State<Real>& old) {
  std::map<std::string, std::array<double, 3>> sums;  // by unit: change, size, cells
  const mesh::Range3 cells = now.grid().interior();
  for (const auto& field : now.fields()) {
    if (field.info.role != mesh::Role::prognostic) continue;
    for (int c = 0; c < field.info.components; ++c) {
      const auto one =
          change_and_size(cells, field.component(c), old[field.info.name].component(c));
      auto& sum = sums[field.info.unit];
      sum[0] += one[0];
      sum[1] += one[1];
      sum[2] += static_cast<double>(cells.count());
    }
  }
  double largest = 0;
  for (auto& [unit, sum] : sums) {
    now.grid().comm().sum(std::span<double>(sum));
    const double size = std::max(std::sqrt(sum[1] / sum[2]), round_off);
    largest = std::max(largest, std::sqrt(sum[0] / sum[2]) / size);
  }
  return largest;
}

}  // namespace

void SteadyParams::describe(core::ParamVisitor& v) {
  v.real(
      "change", change, {.at_least = 0}, "",
      "the run ends when no field (those of one unit together) changes by more than this, relative "
      "to itself, over over_s; 0: "
      "at end_s alone");
  v.real("over_s", over_s, {.at_least = 0}, "s", "the time over which that must hold");
}

template <class Real>
SteadyWatch<Real>::SteadyWatch(const SteadyParams& params, double window_s,
                               const std::string& memory)
    : params_(params), window_s_(window_s) {
  std::istringstream text(memory);
  double change = 0, over_s = 0, since_s = -1;
  if (text >> change >> over_s >> since_s && change == params.change && over_s == params.over_s)
    since_s_ = since_s;
}

template <class Real>
void SteadyWatch<Real>::before(const mesh::State<Real>& state) {
  if (old_)
    old_->copy_from(state);
  else
    old_ = state.clone();
}

template <class Real>
void SteadyWatch<Real>::after(const mesh::State<Real>& state) {
  change_ = relative_change(state, *old_) * params_.over_s / window_s_;
  if (!(change_ <= params_.change))
    since_s_ = -1;
  else if (since_s_ < 0)
    since_s_ = state.time_s - window_s_;
}

template <class Real>
bool SteadyWatch<Real>::is_steady(double time_s) const {
  return since_s_ >= 0 && time_s - since_s_ >= params_.over_s - 1e-6 * window_s_;
}

template <class Real>
std::string SteadyWatch<Real>::words() const {
  return core::format(
      "steady: over {:g} s no field changes by more than {:g} of itself, those of one unit taken "
      "together (time.steady)",
      params_.over_s, params_.change);
}

template <class Real>
std::string SteadyWatch<Real>::memory() const {
  return core::format("{} {} {}", params_.change, params_.over_s, since_s_);
}

template class SteadyWatch<float>;
template class SteadyWatch<double>;

}  // namespace understudy::solvers
