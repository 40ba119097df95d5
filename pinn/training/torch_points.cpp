#include "pinn/training/torch_points.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "core/format.hpp"
#include "pinn/sampling.hpp"
#include "pinn/training/adaptive.hpp"

namespace understudy::pinn {

namespace {

using at::Tensor;

// What seeds are for, beside the term.
enum Use : std::uint64_t { term_points = 0, candidate_points = 1000, pool_points = 2000 };

long long of_kind(Term::Kind kind, const SamplingSettings& s) {
  switch (kind) {
    case Term::Kind::interior:
      return s.interior;
    case Term::Kind::boundary:
      return s.boundary;
    case Term::Kind::initial:
      return s.initial;
    default:
      return s.data;
  }
}

}  // namespace

int time_input(const Problem& problem) {
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    if (problem.inputs[i].is_time) return int(i);
  return -1;
}

std::vector<long long> point_counts(const Problem& problem, const SamplingSettings& sampling) {
  std::map<Term::Kind, double> shares;
  const auto share = [](const Term& term) { return term.share > 0 ? term.share : 1; };
  for (const Term& term : problem.terms)
    if (!term.region.points.defined()) shares[term.kind] += share(term);
  std::vector<long long> counts;
  for (const Term& term : problem.terms) {
    if (term.region.points.defined()) {
      const long long all = term.region.points.size(0);
      counts.push_back(sampling.data > 0 ? std::min<long long>(all, sampling.data) : all);
    } else {
      const double part = share(term) / shares[term.kind];
      counts.push_back(std::llround(double(of_kind(term.kind, sampling)) * part));
    }
  }
  return counts;
}

PointSource::PointSource(PointPlan plan)
    : plan_(std::move(plan)), time_(time_input(*plan_.problem)), space_(0) {
  const Problem& p = *plan_.problem;
  while (space_ < int(p.inputs.size()) && space_ < 3 && !p.inputs[std::size_t(space_)].is_time)
    ++space_;
  counts_ = point_counts(p, plan_.sampling);
  now_.resize(p.terms.size());
  pools_.resize(p.terms.size());
  check();
}

void PointSource::check() const {
  const Problem& p = *plan_.problem;
  for (std::size_t n = 0; n < counts_.size(); ++n) {
    const Term& term = p.terms[n];
    const bool fixed = term.region.points.defined();
    if (fixed && counts_[n] == 0) continue;  // none of its samples lies in this window
    if (counts_[n] < std::max(1, plan_.ranks))
      throw core::UserError(core::format(
          "problem {}: term '{}' has {} points a step, and each of {} ranks needs at least one; give "
          "sampling more of them",
          p.name, term.name, counts_[n], plan_.ranks));
  }
}

const std::vector<TermPoints>& PointSource::at(long long step) {
  const int every = plan_.sampling.resample_every;
  const long long number = every > 0 ? step / every : 0;
  if (number == number_ && !adapted_) return now_;
  const bool first = number_ < 0;
  for (std::size_t n = 0; n < now_.size(); ++n) {
    const Term& term = plan_.problem->terms[n];
    const bool all_samples =
        term.region.points.defined() && counts_[n] == term.region.points.size(0);
    if (first || !all_samples) draw(n, number);
  }
  number_ = number;
  adapted_ = false;
  return now_;
}

void PointSource::draw(std::size_t n, long long number) {
  TermPoints& mine = now_[n];
  const Term& term = plan_.problem->terms[n];
  const Part part = part_of(counts_[n], plan_.rank, plan_.ranks);
  mine.total = counts_[n];
  mine.first = part.first;
  if (mine.total == 0) return;
  if (term.region.points.defined()) {
    Tensor points = term.region.points, data = term.region.data;
    if (counts_[n] < points.size(0)) {
      core::SplitMix random(derived_seed(plan_.seed, n + term_points, std::uint64_t(number)));
      Tensor rows = at::empty({counts_[n]}, at::kLong);
      for (long long i = 0; i < counts_[n]; ++i)
        rows.data_ptr<std::int64_t>()[i] =
            std::int64_t(random.below(std::uint64_t(points.size(0))));
      rows = rows.to(points.device());
      points = points.index_select(0, rows);
      if (data.defined()) data = data.index_select(0, rows);
    }
    mine.points = points.narrow(0, part.first, part.count).to(plan_.options);
    if (data.defined()) mine.data = data.narrow(0, part.first, part.count).to(plan_.options);
  } else {
    mine.points = drawn(n, number);
  }
  if (plan_.chunks > 0 && term.kind == Term::Kind::interior) {
    const auto& time = plan_.problem->inputs[std::size_t(time_)];
    mine.chunk =
        ((mine.points.select(1, time_) - time.lower) * (plan_.chunks / (time.upper - time.lower)))
            .floor()
            .clamp(0, plan_.chunks - 1)
            .to(at::kLong);
  }
}

Tensor PointSource::drawn(std::size_t n, long long number) {
  if (!pools_[n].distribution.empty()) return from_pool(n, number);
  const Term& term = plan_.problem->terms[n];
  const Part part = part_of(counts_[n], plan_.rank, plan_.ranks);
  const auto inputs = std::int64_t(plan_.problem->inputs.size());
  Tensor points = at::empty({part.count, inputs}, at::kDouble);
  RegionSample sample;
  sample.method = plan_.sampling.method;
  sample.points = counts_[n];
  sample.first = part.first;
  sample.count = part.count;
  sample.seed = derived_seed(plan_.seed, n + term_points, std::uint64_t(number));
  sample.space = space_;
  sample.what = core::format("problem {}: term '{}'", plan_.problem->name, term.name);
  sample_region(term.region, sample, {points.data_ptr<double>(), std::size_t(points.numel())});
  return points.to(plan_.options);
}

Tensor PointSource::from_pool(std::size_t n, long long number) const {
  const Pool& pool = pools_[n];
  core::SplitMix random(derived_seed(plan_.seed, n + pool_points, std::uint64_t(number)));
  const auto rows = draw_from(pool.distribution, counts_[n], random);
  const Part part = part_of(counts_[n], plan_.rank, plan_.ranks);
  const std::size_t inputs = plan_.problem->inputs.size();
  Tensor points = at::empty({part.count, std::int64_t(inputs)}, at::kDouble);
  double* into = points.data_ptr<double>();
  for (long long i = part.first; i < part.first + part.count; ++i)
    into =
        std::copy_n(pool.points.data() + std::size_t(rows[std::size_t(i)]) * inputs, inputs, into);
  return points.to(plan_.options);
}

bool PointSource::adapts_at(long long step) const {
  return plan_.sampling.adapt_every > 0 && step > 0 && step % plan_.sampling.adapt_every == 0;
}

std::vector<PointSource::Candidates> PointSource::candidates(long long step) {
  std::vector<Candidates> all;
  const std::size_t inputs = plan_.problem->inputs.size();
  for (std::size_t n = 0; n < pools_.size(); ++n) {
    const Term& term = plan_.problem->terms[n];
    if (term.kind != Term::Kind::interior || term.region.points.defined()) continue;
    RegionSample sample;
    sample.points = sample.count = plan_.sampling.adapt_candidates;
    sample.seed = derived_seed(plan_.seed, n + candidate_points, std::uint64_t(step));
    sample.space = space_;
    sample.what = core::format("problem {}: term '{}'", plan_.problem->name, term.name);
    auto& points = pools_[n].points;
    points.resize(std::size_t(sample.points) * inputs);
    sample_region(term.region, sample, points);
    const Part part = part_of(sample.points, plan_.rank, plan_.ranks);
    Tensor mine = at::empty({part.count, std::int64_t(inputs)}, at::kDouble);
    std::copy_n(points.data() + std::size_t(part.first) * inputs, std::size_t(part.count) * inputs,
                mine.data_ptr<double>());
    all.push_back({n, mine.to(plan_.options), part.first});
  }
  return all;
}

void PointSource::adapt(std::size_t term, const std::vector<double>& residual) {
  pools_[term].distribution =
      adapted_distribution(residual, plan_.sampling.adapt_power, plan_.sampling.adapt_floor);
  adapted_ = true;
}

void PointSource::save(TensorList& tensors) const {
  for (std::size_t n = 0; n < pools_.size(); ++n) {
    if (pools_[n].distribution.empty()) continue;
    tensors.emplace_back(core::format("pool.{}.points", n),
                         at::tensor(pools_[n].points, at::kDouble));
    tensors.emplace_back(core::format("pool.{}.distribution", n),
                         at::tensor(pools_[n].distribution, at::kDouble));
  }
}

void PointSource::restore(const TensorList& tensors) {
  const auto values = [](const Tensor& t) {
    return std::vector<double>(t.const_data_ptr<double>(), t.const_data_ptr<double>() + t.numel());
  };
  for (const auto& [name, tensor] : tensors)
    for (std::size_t n = 0; n < pools_.size(); ++n) {
      if (name == core::format("pool.{}.points", n)) pools_[n].points = values(tensor);
      if (name == core::format("pool.{}.distribution", n)) pools_[n].distribution = values(tensor);
    }
}

}  // namespace understudy::pinn
