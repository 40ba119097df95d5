#include "pinn/training/torch_gauss_newton.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

constexpr std::int64_t panel = 256;  // columns of J^T J whose rows below are formed together
constexpr int most_solves = 8;
constexpr double least_damping = 1e-17, most_damping = 1e8;
// Of the step, along which its second derivative is taken by differences (Transtrum & Sethna 2012, section 3).
constexpr double probe = 0.1;
// Longest acceleration, twice over the step; a longer one is left out (they refuse the step: the same, section 3).
constexpr double most_acceleration = 0.75;

long long rows_of(const Term& term, const TermPoints& at) {
  return at.total > 0 ? at.points.size(0) * static_cast<long long>(term.equations.size()) : 0;
}

// matrix += rows^T rows, its lower triangle.
void add_lower(Tensor& matrix, const Tensor& rows) {
  const std::int64_t count = rows.size(1);
  for (std::int64_t first = 0; first < count; first += panel) {
    const std::int64_t width = std::min(panel, count - first), below = count - first;
    Tensor part = matrix.narrow(0, first, below).narrow(1, first, width);
    part.addmm_(rows.narrow(1, first, below).t(), rows.narrow(1, first, width));
  }
}

std::string place_of(const Problem& problem, const Tensor& point) {
  std::string text;
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    text += core::format("{}{} = {:.6g}", i ? ", " : "", problem.inputs[i].name,
                         point[std::int64_t(i)].item<double>());
  return text;
}

}  // namespace

GaussNewton::GaussNewton(const OptimiserSettings& settings, Model& model, Losses& losses,
                         const RankReduction& sharing, double block_bytes)
    : settings_(settings),
      model_(model),
      losses_(losses),
      sharing_(sharing),
      block_bytes_(block_bytes),
      damping_(settings.damping) {}

double GaussNewton::scale(std::size_t loss, const TermPoints& points) const {
  return std::sqrt(losses_.weights()[loss] / double(points.total));
}

Tensor GaussNewton::residuals(const std::vector<TermPoints>& points) {
  std::vector<Tensor> all;
  const auto& terms = model_.problem().terms;
  for (std::size_t t = 0, loss = 0; t < terms.size(); loss += terms[t++].equations.size()) {
    if (points[t].total == 0) continue;
    const Residuals found = model_.residuals(terms[t], points[t].points, points[t].data);
    for (std::size_t e = 0; e < found.size(); ++e)
      all.push_back(found[e].expand({points[t].points.size(0)}) * scale(loss + e, points[t]));
  }
  return at::cat(all);
}

GaussNewton::System GaussNewton::assemble(const std::vector<TermPoints>& points) {
  const at::NoGradGuard no_autograd;
  const auto& terms = model_.problem().terms;
  const std::int64_t weights = model_.trained().numel();
  long long mine = 0, all = 0;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    mine += rows_of(terms[t], points[t]);
    all += points[t].total * static_cast<long long>(terms[t].equations.size());
  }
  System system;
  system.by_samples = all < weights;
  system.residuals = at::empty({mine}, model_.options());
  system.gradient = at::zeros({weights}, model_.options());
  if (system.by_samples)
    system.rows = at::zeros({mine, weights}, model_.options());
  else
    system.matrix = at::zeros({weights, weights}, model_.options());
  long long at_row = 0;
  for (std::size_t t = 0, loss = 0; t < terms.size(); loss += terms[t++].equations.size()) {
    const TermPoints& at = points[t];
    if (at.total == 0) continue;
    const auto equations = static_cast<long long>(terms[t].equations.size());
    const long long count = at.points.size(0);
    const long long most = std::max<long long>(
        1, static_cast<long long>(block_bytes_ / sizeof(double)) / (weights * equations));
    for (long long first = 0; first < count; first += most) {
      const long long here = std::min(most, count - first);
      std::vector<Tensor> rows;
      Tensor block;
      if (!system.by_samples) block = at::zeros({here * equations, weights}, model_.options());
      for (long long e = 0; e < equations; ++e)
        rows.push_back(system.by_samples ? system.rows.narrow(0, at_row + e * count + first, here)
                                         : block.narrow(0, e * here, here));
      const Residuals found =
          model_.linearise(terms[t], at.points.narrow(0, first, here),
                           at.data.defined() ? at.data.narrow(0, first, here) : Tensor(), rows);
      for (long long e = 0; e < equations; ++e) {
        const double factor = scale(loss + std::size_t(e), at);
        const Tensor values = found[std::size_t(e)] * factor;
        rows[std::size_t(e)].mul_(factor);
        system.residuals.narrow(0, at_row + e * count + first, here).copy_(values);
        system.gradient.addmv_(rows[std::size_t(e)].t(), values);
      }
      if (block.defined()) add_lower(system.matrix, block);
    }
    at_row += count * equations;
  }
  share(system);
  return system;
}

Tensor GaussNewton::gathered(const Tensor& mine) const {
  const core::Comm* comm = sharing_.point_comm();
  if (!comm) return mine;
  const Tensor host = mine.cpu().contiguous();
  const std::int64_t rows = host.size(0), width = host.dim() > 1 ? host.size(1) : 1;
  std::vector<std::int64_t> counts;
  for (const auto& piece : comm->all_gather(std::as_bytes(std::span(&rows, 1)))) {
    counts.push_back(0);
    std::copy(piece.begin(), piece.end(), reinterpret_cast<std::byte*>(&counts.back()));
  }
  auto shape = host.sizes().vec();
  shape[0] = std::accumulate(counts.begin(), counts.end(), std::int64_t(0));
  Tensor all = is_root() ? at::empty(shape, host.options()) : Tensor();
  // In parts: a message has at most 2 GiB.
  const auto most = std::max<std::int64_t>(
      1, std::int64_t(block_bytes_ / double(width * std::int64_t(sizeof(double)))));
  for (std::int64_t first = 0; first < *std::max_element(counts.begin(), counts.end());
       first += most) {
    const std::int64_t here = std::clamp<std::int64_t>(rows - first, 0, most);
    const Tensor part = host.narrow(0, std::min(first, rows), here);
    const auto pieces =
        comm->gather({static_cast<const std::byte*>(part.const_data_ptr()), part.nbytes()});
    std::int64_t begin = 0;
    for (std::size_t rank = 0; rank < pieces.size(); begin += counts[rank++])
      std::copy(pieces[rank].begin(), pieces[rank].end(),
                static_cast<std::byte*>(all.data_ptr()) +
                    (begin + first) * width * std::int64_t(sizeof(double)));
  }
  return is_root() ? all.to(mine.device()) : Tensor();
}

void GaussNewton::share(System& system) const {
  sharing_.sum(system.gradient);
  if (system.by_samples) {
    hold_at_bounds(system);
    Tensor squares = at::linalg_vector_norm(system.rows, 2, at::IntArrayRef({0})).square();
    sharing_.sum(squares);
    system.largest = squares.max().item<double>();
    system.rows = gathered(system.rows);
    if (is_root()) system.matrix = system.rows.mm(system.rows.t());
  } else {
    sharing_.sum(system.matrix);
    hold_at_bounds(system);
    system.largest = system.matrix.diagonal().max().item<double>();
  }
}

// Numbers at a bound that the gradient pushes out of it: their columns of J are 0.
void GaussNewton::hold_at_bounds(System& system) const {
  const auto [lower, upper] = model_.bounds();
  const Tensor weights = model_.trained().detach();
  for (std::int64_t n = model_.network_weights(); n < weights.numel(); ++n) {
    const double value = weights[n].item<double>(), slope = system.gradient[n].item<double>();
    const bool held = (value <= lower[std::size_t(n)] && slope > 0) ||
                      (value >= upper[std::size_t(n)] && slope < 0);
    if (!held) continue;
    system.gradient[n].zero_();
    if (system.by_samples) {
      system.rows.select(1, n).zero_();
    } else {
      system.matrix.select(0, n).zero_();
      system.matrix.select(1, n).zero_();
    }
  }
}

// Rows are of single points: where a residual mixes points they are not its derivatives.
void GaussNewton::require_own_points(const std::vector<TermPoints>& points, const System& system) {
  if (std::exchange(checked_, true)) return;
  // Numbers that are held at a bound have no gradient there.
  const Tensor whole = pulled_back(points, system.residuals).masked_fill(system.gradient.eq(0), 0);
  const double difference = (whole - system.gradient).norm().item<double>();
  if (difference > 1e-6 * whole.norm().item<double>())
    throw core::RunError(
        "a residual depends on other points than its own, and optimiser.kind gauss_newton takes none "
        "that do; soap and adamw do");
}

void GaussNewton::require_finite(const std::vector<TermPoints>& points, const System& system) {
  if (std::isfinite(system.largest) && system.gradient.isfinite().all().item<bool>()) return;
  const at::NoGradGuard no_autograd;
  const auto& terms = model_.problem().terms;
  std::string error;
  for (std::size_t t = 0, loss = 0; t < terms.size() && error.empty();
       loss += terms[t++].equations.size())
    for (long long p = 0; points[t].total > 0 && p < points[t].points.size(0) && error.empty();
         ++p) {
      std::vector<Tensor> rows;
      for (std::size_t e = 0; e < terms[t].equations.size(); ++e)
        rows.push_back(at::zeros({1, model_.trained().numel()}, model_.options()));
      const Tensor point = points[t].points.narrow(0, p, 1);
      const Residuals found = model_.linearise(
          terms[t], point, points[t].data.defined() ? points[t].data.narrow(0, p, 1) : Tensor(),
          rows);
      for (std::size_t e = 0; e < found.size() && error.empty(); ++e) {
        const double factor = scale(loss + e, points[t]);
        const bool value = (found[e] * factor).square().isfinite().all().item<bool>();
        if (value && (rows[e] * factor).square().isfinite().all().item<bool>()) continue;
        error =
            core::format("the {} of {}.{}, weighted by {:.3g}, is not finite or too large at {}",
                         value ? "derivative by the weights" : "residual", terms[t].name,
                         terms[t].equations[e].name, losses_.weights()[loss + e],
                         place_of(model_.problem(), point[0]));
      }
    }
  sharing_.comm().throw_on_all_ranks<core::RunError>(error);
  throw core::RunError("the matrix of the Gauss-Newton step is not finite");
}

Tensor GaussNewton::pulled_back(const std::vector<TermPoints>& points, const Tensor& x) {
  const at::AutoGradMode with_autograd(true);
  Tensor result = at::zeros_like(model_.trained()).detach();
  const Tensor sum = residuals(points).dot(x);
  if (sum.requires_grad()) result = torch::autograd::grad({sum}, {model_.trained()})[0];
  sharing_.sum(result);
  return result;
}

bool GaussNewton::factorise(const System& system, double mu, Tensor& factor) const {
  int failed = 0;
  if (is_root()) {
    Tensor damped = system.matrix.clone();
    damped.diagonal().add_(mu);
    const auto [lower, info] = at::linalg_cholesky_ex(damped);
    failed = info.item<int>();
    factor = lower;
  }
  sharing_.comm().broadcast(&failed, sizeof failed);
  return failed == 0;
}

Tensor GaussNewton::solve(const System& system, const Tensor& factor, const Tensor& x,
                          const Tensor& pulled) const {
  const Tensor all = system.by_samples ? gathered(x) : Tensor();
  Tensor result = at::empty_like(pulled);
  if (is_root()) {
    const Tensor right = system.by_samples ? all : pulled;
    const Tensor solved = at::cholesky_solve(right.unsqueeze(1), factor).squeeze(1);
    result = system.by_samples ? system.rows.t().mv(solved).neg() : solved.neg();
  }
  if (sharing_.point_comm()) {
    Tensor host = result.cpu().contiguous();
    sharing_.comm().broadcast(host.data_ptr(), host.nbytes());
    result = host.to(pulled.device());
  }
  return result;
}

void GaussNewton::set(const Tensor& weights) {
  const at::NoGradGuard no_autograd;
  Tensor own = model_.trained();
  own.copy_(weights);
}

double GaussNewton::loss_at(const Tensor& weights, const std::vector<TermPoints>& points) {
  const at::NoGradGuard no_autograd;
  set(weights);
  model_.keep_bounds();
  return losses_.total(losses_.values(losses_.evaluate(model_, points, false)));
}

// -(J^T J + mu I)^-1 J^T f_vv, f_vv the second derivative of f along the step.
Tensor GaussNewton::acceleration(const std::vector<TermPoints>& points, const System& system,
                                 const Tensor& factor, const Tensor& velocity) {
  const Tensor start = model_.trained().detach().clone();
  Tensor second;
  {
    const at::NoGradGuard no_autograd;
    set(start + probe * velocity);
    second = residuals(points) - 2 * system.residuals;
    set(start - probe * velocity);
    second = (second + residuals(points)) / (probe * probe);
    set(start);
  }
  return solve(system, factor, second,
               system.by_samples ? system.gradient : pulled_back(points, second));
}

GaussNewton::Step GaussNewton::step(const std::vector<TermPoints>& points) {
  Step made;
  const Tensor start = model_.trained().detach().clone();
  {
    const at::NoGradGuard no_autograd;
    made.losses = losses_.values(losses_.evaluate(model_, points, false));
    made.loss = made.after = losses_.total(made.losses);
  }
  const System system = assemble(points);
  require_finite(points, system);
  require_own_points(points, system);
  while (!made.taken && made.solves < most_solves && made.loss > 0) {
    const double mu = damping_ * system.largest;
    Tensor factor;
    double ratio = -1;
    ++made.solves;
    if (factorise(system, mu, factor)) {
      const at::NoGradGuard no_autograd;
      const Tensor velocity = solve(system, factor, system.residuals, system.gradient);
      const double fall = -system.gradient.dot(velocity).item<double>() +
                          mu * velocity.square().sum().item<double>();
      Tensor change = velocity;
      if (settings_.geodesic) {
        const Tensor bend = acceleration(points, system, factor, velocity) / 2;
        made.accelerated =
            2 * bend.norm().item<double>() <= most_acceleration * velocity.norm().item<double>();
        if (made.accelerated) change = velocity + bend;
      }
      made.after = loss_at(start + change, points);
      ratio = (made.loss - made.after) / fall;
      made.taken = made.after < made.loss;
    }
    if (made.taken) {
      damping_ *= std::max(1.0 / 3, 1 - std::pow(2 * ratio - 1, 3));
      growth_ = 2;
    } else {
      set(start);
      made.after = made.loss;
      damping_ *= growth_;
      growth_ *= 2;
    }
    damping_ = std::clamp(damping_, least_damping, most_damping);
  }
  if (!made.taken) growth_ = 2;
  made.damping = damping_;
  return made;
}

void GaussNewton::save(TensorList& tensors) const {
  tensors.emplace_back("optimiser.damping",
                       at::tensor(std::vector<double>{damping_, growth_}, at::kDouble));
}

void GaussNewton::restore(const TensorList& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (name != "optimiser.damping" || tensor.numel() != 2) continue;
    damping_ = tensor[0].item<double>();
    growth_ = tensor[1].item<double>();
  }
}

}  // namespace understudy::pinn
