// How a problem is solved by networks: the sections of a PINN deck. Each technique is off by default where
// papers disagree; docs/pinn.md says where each comes from.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/params.hpp"

namespace understudy::pinn {

struct NetworkSettings {
  std::string kind = "mlp";  ///< mlp, modified_mlp, pirate_net
  int depth = 4;             ///< hidden layers; pirate_net: residual blocks of three layers
  int width = 64;
  std::string activation = "tanh";
  int fourier_features = 0;  ///< random waves (cos and sin of each), 0: none (Tancik et al. 2020)
  double fourier_scale = 1;  ///< standard deviation of their wave numbers, in scaled inputs
  bool factorised = false;   ///< W = diag(exp s) V (Wang et al. 2022, random weight factorisation)
  double factor_mean = 0.5, factor_std = 0.1;  ///< of s
  void describe(core::ParamVisitor& v);
};

struct SamplingSettings {
  std::string method = "uniform";  ///< uniform, latin_hypercube, sobol, halton
  int interior = 4096, boundary = 512, initial = 512, data = 0;  ///< points a step; data 0: all
  int resample_every = 1;  ///< steps; 0: the same points to the end
  /// Residual-based adaptive distribution (Wu et al. 2023, eq. 2): points drawn from `candidates` with
  /// probability ~ |r|^k / mean |r|^k + c.
  int adapt_every = 0;  ///< steps; 0: off
  double adapt_power = 1, adapt_floor = 1;
  int adapt_candidates = 20000;
  void describe(core::ParamVisitor& v);
};

struct OptimiserSettings {
  std::string kind = "adamw";  ///< adamw, soap, gauss_newton
  int steps = 10000;           ///< of each window
  double learning_rate = 1e-3;
  int warm_up_steps = 0;
  double decay = 0.9;      ///< of the rate, every decay_steps
  int decay_steps = 2000;  ///< 0: no decay
  double beta1 = 0.9, beta2 = 0.999;
  double weight_decay = 0;
  double gradient_clip = 0;  ///< largest norm; 0: none
  int soap_every = 10;       ///< steps between new eigenbases (Vyas et al. 2024)
  double damping = 1e-3;     ///< gauss_newton: at first, over the largest diagonal entry of J^T J
  bool geodesic = true;      ///< gauss_newton: half the second-order change along the step, too
  int lbfgs_iterations = 0;  ///< on fixed points, after the steps
  int lbfgs_points = 0;      ///< interior points of it; 0: sampling.interior
  double max_time_s = 0;  ///< of all training; schedules are shortened to end by then; 0: no limit
  void describe(core::ParamVisitor& v);
};

struct WeightingSettings {
  std::string kind = "fixed";  ///< fixed, gradient_norm, ntk, self_adaptive
  int every = 1000;            ///< steps between new weights
  double memory = 0.9;         ///< part of the old weights kept
  double rate = 1e-2;          ///< self_adaptive: of the weights' ascent
  void describe(core::ParamVisitor& v);
};

/// Weights that let a time only count when what comes before is learned (Wang, Sankaran & Perdikaris 2024).
struct CausalSettings {
  int chunks = 0;  ///< of the time axis; 0: off
  double tolerance = 1;
  void describe(core::ParamVisitor& v);
};

/// A value of one of the problem's constants for a part of the training.
struct StageSettings {
  std::string constant;
  double value = 0;
  int steps = 1000;
  void describe(core::ParamVisitor& v);
};

struct CurriculumSettings {
  int windows = 1;  ///< of time, one after the other, each starting from the last one's end
  std::vector<StageSettings> stages;  ///< before optimiser.steps at the deck's own constants
  void describe(core::ParamVisitor& v);
};

struct ParallelSettings {
  std::string mode =
      "points";  ///< points: ranks share the points; domains: each owns parts of the box
  std::vector<long long> domains;  ///< domains: parts along each input; ranks share them out
  double overlap = 0.3;            ///< of a part's width, on each side
  void describe(core::ParamVisitor& v);
};

struct Settings {
  std::string precision = "single";
  NetworkSettings network;
  SamplingSettings sampling;
  OptimiserSettings optimiser;
  WeightingSettings weighting;
  CausalSettings causal;
  CurriculumSettings curriculum;
  ParallelSettings parallel;
  /// "term.equation" to the weight that it starts with, in place of the problem's. Decks have a section of
  /// their own for them (apps/pinn/pinn_deck.hpp).
  std::map<std::string, double> weights;
  int record_every = 100;     ///< steps between lines of the history
  int evaluate_every = 1000;  ///< steps between errors against the reference; 0: at the end only
  int threads = 0;            ///< 0: core::Runtime::threads()
  unsigned long long seed = 1;
  /// The sections network, sampling, optimiser, weighting, causal, curriculum, parallel and the keys
  /// above but seed and precision, which decks have at their top.
  void describe(core::ParamVisitor& v);
};

}  // namespace understudy::pinn
