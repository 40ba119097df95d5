// Trained networks as a function (private to pinn/).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pinn/solver.hpp"
#include "pinn/torch_model.hpp"

namespace understudy::pinn {

/// [point][input] -> [point, input]
at::Tensor to_tensor(const Points& points, const at::TensorOptions& options);

/// errors() (solver.hpp) with points and truth, which are dear, at hand.
std::vector<double> errors_at(const Points& points, const Columns& truth, const Problem& problem,
                              const Solution& solution);

/// One network for the whole of time.
class ModelSolution : public Solution {
 public:
  explicit ModelSolution(std::shared_ptr<Model> model) : model_(std::move(model)) {}
  const Problem& problem() const override { return model_->problem(); }
  Columns fields(const Points& points) const override;
  Columns residuals(const Points& points) const override;
  std::vector<ParameterValue> parameters() const override;
  long long weight_count() const override { return model_->trained().numel(); }
  void save(const std::filesystem::path& folder) const override;
  Model& model() const { return *model_; }

 private:
  std::shared_ptr<Model> model_;
};

}  // namespace understudy::pinn
