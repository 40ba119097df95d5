// Windows of time (private to pinn/): one model for each, the next starting from the last one's end (Krishnapriyan
// et al. 2021, sequence-to-sequence learning; Wang, Sankaran & Perdikaris 2024, section 5).
#pragma once

#include <memory>
#include <vector>

#include "pinn/torch_solution.hpp"

namespace understudy::pinn {

/// Bounds of the windows along time, windows + 1 of them, even. UserError for a problem without a time, or
/// without initial values where there is more than one window.
std::vector<double> window_edges(const Problem& problem, int windows);

/// The problem within a window: its time runs between the edges, conditions on boundaries and samples are
/// those of that time, and the initial condition of a later window says that every field is what
/// `before`, the last window's model, gives at the edge. UserError where the initial terms are not one term
/// with an equation for each field, in their order.
std::shared_ptr<const Problem> window_problem(const Problem& problem,
                                              const std::vector<double>& edges, int window,
                                              std::shared_ptr<const Model> before);

/// Models of windows as one function of time. Times beyond the last window are its model's.
class WindowedSolution : public Solution {
 public:
  WindowedSolution(std::shared_ptr<const Problem> problem, std::vector<double> edges,
                   std::vector<std::shared_ptr<Model>> models);
  const Problem& problem() const override { return *problem_; }
  Columns fields(const Points& points) const override;
  Columns residuals(const Points& points) const override;
  std::vector<ParameterValue> parameters() const override;  ///< of the last window
  long long weight_count() const override;                  ///< of all windows' networks
  void save(const std::filesystem::path& folder) const override;
  const std::vector<std::shared_ptr<Model>>& models() const { return models_; }

 private:
  template <class Evaluate>
  Columns by_window(const Points& points, std::size_t columns, const Evaluate& evaluate) const;

  std::shared_ptr<const Problem> problem_;
  std::vector<double> edges_;
  int time_;
  std::vector<std::shared_ptr<Model>> models_;
};

}  // namespace understudy::pinn
