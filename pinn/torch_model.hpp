// The networks and unknown numbers of a problem (private to pinn/): everything that is trained, as one flat
// tensor, and what the problem's fields and residuals are with it.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/comm.hpp"
#include "pinn/engine/torch_jet_network.hpp"
#include "pinn/settings.hpp"
#include "pinn/torch_domains.hpp"
#include "pinn/torch_problem.hpp"

namespace understudy::pinn {

/// A part of the flat tensor of what is trained.
struct TrainedSlice {
  std::string name;
  std::vector<std::int64_t> shape;  ///< two axes: a matrix [output, input]
  std::int64_t offset = 0, count = 0;
};

struct ModelSetup {
  std::shared_ptr<const Problem> problem;
  NetworkSettings network;
  at::ScalarType type = at::kFloat;
  at::Device device = at::kCPU;
  unsigned long long seed = 1;
  ParallelSettings parallel = {};  ///< domains: networks for every part of the box
  core::Comm comm = core::Comm::self();
};

/// Unknown numbers are trained in units of this, so that a step of the optimiser suits all.
double parameter_unit(const ParameterInfo& info);

class Model {
 public:
  /// Random weights (Glorot & Bengio 2010, normal; biases 0), the same for the same seed everywhere.
  explicit Model(const ModelSetup& setup);

  const Problem& problem() const { return *setup_.problem; }
  const ModelSetup& setup() const { return setup_; }
  /// Another problem with the same fields and inputs (other constants).
  void adopt(std::shared_ptr<const Problem> problem);

  /// Weights of all networks, then the unknown numbers, scaled; requires gradients. Where ranks share
  /// the box: of this rank's parts alone.
  const at::Tensor& trained() const { return trained_; }
  /// Of these, those that are weights of networks.
  std::int64_t network_weights() const { return parameter_offset_; }
  const std::vector<TrainedSlice>& slices() const { return slices_; }
  /// Weights that are not trained (random waves).
  const at::Tensor& fixed() const { return fixed_; }
  /// trained() and fixed() of all parts of the box, on the CPU. Collective.
  at::Tensor gathered() const { return gathered(trained_, parameter_offset_); }
  at::Tensor gathered_fixed() const { return gathered(fixed_, fixed_count_); }
  /// Of this rank's parts, from what is laid out like gathered().
  at::Tensor own(const at::Tensor& gathered) const;
  /// A tensor laid out like trained() or fixed() of all parts; `common`: entries from there on are the same
  /// on all ranks. Collective.
  at::Tensor gathered(const at::Tensor& mine, std::int64_t common) const;
  /// Without autograd: sets everything from what gathered() of another model gave, of any type.
  void assign(const at::Tensor& trained, const at::Tensor& fixed);
  /// Least and greatest values of trained(): infinite but for unknown numbers.
  std::pair<std::vector<double>, std::vector<double>> bounds() const;
  /// Unknown numbers back into their bounds; after a step.
  void keep_bounds();
  /// The unknown numbers, in the problem's order.
  std::vector<double> parameters() const;

  /// The derivatives that the term's residuals need, found once.
  const std::shared_ptr<const JetSpec>& spec(const Term& term);
  /// The problem's fields at points [point, input].
  std::vector<Jet> fields(const std::shared_ptr<const JetSpec>& spec,
                          const at::Tensor& points) const;
  /// The term's residuals divided by their scales, one [point] an equation. data: [point, column] or
  /// undefined.
  Residuals residuals(const Term& term, const at::Tensor& points, const at::Tensor& data);
  /// The same without autograd; to rows[equation] [point, trained().numel()], contiguous, it adds their
  /// derivatives by trained(). A residual at a point must not depend on other points. Not where ranks share the box.
  Residuals linearise(const Term& term, const at::Tensor& points, const at::Tensor& data,
                      const std::vector<at::Tensor>& rows);

  at::TensorOptions options() const { return trained_.options().requires_grad(false); }

 private:
  struct Group {
    int part = 0;           ///< part of the box
    std::size_t index = 0;  ///< which of the problem's networks
    std::unique_ptr<JetNetwork> network;
    std::vector<int> fields, inputs;
    std::int64_t offset = 0;            ///< of the network's weights in trained_
    std::int64_t fixed_offset = 0;      ///< of the network's fixed weights in fixed_
    std::vector<std::int64_t> factors;  ///< [weight] offset of s in trained_, -1: none
  };
  void add_group(const NetworkGroup& group, std::size_t index, int part);
  void add_slice(const std::string& name, std::vector<std::int64_t> shape);
  void initialise();
  at::Tensor effective(const Group& group) const;
  void rows_of_factors(const Group& group, const std::vector<at::Tensor>& rows) const;
  InputBox box(int part) const;
  std::vector<Jet> features(const std::vector<Jet>& inputs, const Group& group) const;
  int feature_count(const Group& group) const;
  at::Tensor taken(const Group& group, const std::vector<Jet>& inputs,
                   const at::Tensor& points) const;
  at::Tensor evaluate(const Group& group, const JetSpec& spec, const at::Tensor& taken) const;
  std::vector<Jet> combined(const std::vector<Jet>& inputs,
                            const std::vector<at::Tensor>& results) const;
  /// What residuals are formed from: parameters [parameter] as they are in the problem's units.
  Residuals residuals_from(const Term& term, Fields::Source source,
                           const std::vector<at::Tensor>& parameters) const;
  std::vector<Jet> sum_of_parts(const std::shared_ptr<const JetSpec>& spec,
                                const at::Tensor& points) const;

  ModelSetup setup_;
  Domains domains_;
  std::vector<Group> groups_;  ///< networks of one part after the other
  std::vector<TrainedSlice> slices_;
  std::int64_t trained_count_ = 0, fixed_count_ = 0, parameter_offset_ = 0;
  at::Tensor trained_, fixed_;
  std::vector<std::pair<std::string, std::shared_ptr<const JetSpec>>> specs_;  ///< by term
};

}  // namespace understudy::pinn
