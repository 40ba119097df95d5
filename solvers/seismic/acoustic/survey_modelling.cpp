#include "solvers/seismic/acoustic/survey_modelling.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "mesh/loops.hpp"
#include "solvers/seismic/survey_run.hpp"

namespace understudy::solvers::seismic {

template <class Real>
SurveyModelling<Real>::SurveyModelling(const ModellingSetup& setup, const SurveyPlan& plan,
                                       const core::Comm& world)
    : plan_(plan),
      groups_(world, plan.shots(), setup.seismic.ranks_per_shot, ranks_fit(setup),
              !plan.encoding.empty()) {
  AcousticSetup acoustic = acoustic_setup(setup.seismic, plan, groups_.box(setup.box));
  const int wanted = setup.seismic.shots_at_once;
  acoustic.shots = std::clamp(wanted > 0      ? wanted
                              : mesh::on_host ? 1
                                              : 8,
                              1, std::max(1, int(groups_.shots.size())));
  op_ = make_acoustic_operator<Real>(acoustic, groups_.group);
}

template <class Real>
void SurveyModelling<Real>::set_model(std::span<const double> speed_m_s,
                                      std::span<const double> density) {
  op_->set_model(speed_m_s, density);
}

template <class Real>
void SurveyModelling<Real>::set_encoding(SourceEncoding encoding) {
  if (int(encoding.size()) != plan_.shots())
    throw std::invalid_argument("the groups of ranks are those of another number of shots");
  plan_.encoding = std::move(encoding);
}

// f(numbers of the batch's shots, the shots).
template <class Real>
template <class F>
void SurveyModelling<Real>::each_batch(const F& f) {
  const int at_once = op_->setup().shots;
  for (std::size_t first = 0; first < groups_.shots.size(); first += at_once) {
    std::vector<int> numbers;
    std::vector<Shot> shots;
    for (std::size_t s = first; s < std::min(first + at_once, groups_.shots.size()); ++s) {
      numbers.push_back(groups_.shots[s]);
      shots.push_back(plan_.shot(groups_.shots[s]));
    }
    f(numbers, shots);
  }
}

template <class Real>
std::vector<Gather> SurveyModelling<Real>::model() {
  SurveyTraces all(plan_, groups_);
  each_batch([&](const std::vector<int>& numbers, const std::vector<Shot>& shots) {
    AcousticShots<Real> batch(op_, shots);
    const auto traces = batch.model();
    for (std::size_t s = 0; s < numbers.size(); ++s)
      all.put(numbers[s], {{"pressure", "Pa", traces[s]}});
  });
  cell_updates_ += double(op_->grid().padded->global_cell_count()) * plan_.steps() * plan_.shots();
  return std::move(all.whole().front().shots);
}

template <class Real>
double SurveyModelling<Real>::misfit(const ShotMisfit& misfit) {
  double sum = 0;
  each_batch([&](const std::vector<int>& numbers, const std::vector<Shot>& shots) {
    AcousticShots<Real> batch(op_, shots);
    const auto traces = batch.model();
    for (std::size_t s = 0; s < numbers.size(); ++s) {
      const double value = misfit(numbers[s], traces[s]).value;
      if (groups_.group.is_root()) sum += value;
    }
  });
  cell_updates_ += double(op_->grid().padded->global_cell_count()) * plan_.steps() * plan_.shots();
  return groups_.world.sum(sum);
}

template <class Real>
SurveyGradient SurveyModelling<Real>::gradient(const ShotMisfit& misfit, double memory_bytes) {
  SurveyGradient result;
  std::size_t cells = 1;
  for (const auto n : op_->setup().box.cells) cells *= std::size_t(n);
  result.speed.assign(cells, 0);
  result.illumination.assign(cells, 0);
  double steps = 0, value = 0;
  each_batch([&](const std::vector<int>& numbers, const std::vector<Shot>& shots) {
    AcousticShots<Real> batch(op_, shots);
    const auto part = batch.gradient(
        [&](const std::vector<Gather>& traces) {
          std::vector<Gather> derivatives;
          for (std::size_t s = 0; s < numbers.size(); ++s) {
            TraceMisfit one = misfit(numbers[s], traces[s]);
            if (groups_.group.is_root()) value += one.value;
            derivatives.push_back(std::move(one.derivative));
          }
          return derivatives;
        },
        memory_bytes);
    steps += double(part.steps) * double(numbers.size());
    if (!groups_.group.is_root()) return;
    for (std::size_t n = 0; n < cells; ++n) {
      result.speed[n] += part.speed[n];
      result.illumination[n] += part.illumination[n];
    }
  });
  groups_.world.sum(std::span<double>(result.speed));
  groups_.world.sum(std::span<double>(result.illumination));
  result.misfit = groups_.world.sum(value);
  result.cell_updates = double(op_->grid().padded->global_cell_count()) *
                        groups_.world.sum(groups_.group.is_root() ? steps : 0.0);
  cell_updates_ += result.cell_updates;
  return result;
}

template class SurveyModelling<float>;
template class SurveyModelling<double>;

}  // namespace understudy::solvers::seismic
