// The misfit of an inversion with a learned forward operator in the wave equation's place; its gradient goes
// through the network. Every rank computes the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/seismic/seismic_deck.hpp"
#include "solvers/seismic/inversion/inversion.hpp"
#include "surrogates/arrays/array_map.hpp"

namespace understudy::apps::seismic {

class LearnedForwardObjective : public solvers::seismic::InversionObjective {
 public:
  /// UserError where the network maps other arrays than the survey's.
  LearnedForwardObjective(std::shared_ptr<const surrogates::ArrayMap> forward,
                          const solvers::seismic::SurveyPlan& plan, const SeismicDeck& deck,
                          std::vector<solvers::seismic::Gather> observed);
  void set_stage(double max_frequency_hz) override;
  solvers::seismic::Evaluation evaluate(std::span<const double> speed_m_s) override;
  std::string name() const override { return "learned forward operator"; }

 private:
  std::shared_ptr<const surrogates::ArrayMap> forward_;
  const solvers::seismic::SurveyPlan& plan_;
  const SeismicDeck& deck_;
  std::vector<solvers::seismic::Gather> observed_, filtered_;
  solvers::seismic::Misfit misfit_;
  double max_frequency_hz_ = 0;
};

}  // namespace understudy::apps::seismic
