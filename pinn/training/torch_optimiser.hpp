// Steps of the weights down their gradient (private to pinn/), on flat vectors.
//
//   adamw  Loshchilov & Hutter 2019, algorithm 2; only matrices are decayed (another: surrogates/training/)
//   soap   Adam in the eigenbasis of Shampoo's preconditioner (Vyas et al. 2024, algorithm 3). For each
//          matrix G [rows, columns] of the gradient, L and R are moving averages of G G^T and G^T G; Adam
//          works on Q_L^T G Q_R, Q being their eigenvectors: by a full decomposition at first, then every
//          `soap_every` steps by one power iteration and a QR factorisation. The mean is turned with the
//          basis and the squares are reordered with it. Vectors, and sides longer than `most_side` or of
//          length 1, are left as they are. The first gradient only gives the first basis. Where no gradient
//          has been yet any basis is as good, and round-off chooses it: numbers of ranks then differ by
//          more than round-off.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pinn/settings.hpp"
#include "pinn/torch_model.hpp"

namespace understudy::pinn {

using TensorList = std::vector<std::pair<std::string, at::Tensor>>;

class PinnOptimiser {
 public:
  static constexpr std::int64_t most_side = 1024;
  /// `weights`: flat, changed by steps; `slices` of it.
  PinnOptimiser(const OptimiserSettings& settings, const at::Tensor& weights,
                const std::vector<TrainedSlice>& slices, std::int64_t longest_side = most_side);

  /// gradient: flat, left as it is.
  void step(const at::Tensor& gradient, double rate);

  /// Everything but the weights. Names begin with "optimiser.".
  void save(TensorList& tensors) const;
  /// From what save() gave; bitwise the same steps follow.
  void restore(const TensorList& tensors);

 private:
  /// One side of one matrix: empty where it is not turned.
  struct Side {
    at::Tensor factor, basis;  ///< [n, n]
  };
  struct Matrix {
    std::int64_t offset, rows, columns;
    Side left, right;
    at::Tensor of(const at::Tensor& flat) const {
      return flat.narrow(0, offset, rows * columns).view({rows, columns});
    }
  };
  void add_factors(const at::Tensor& gradient, double memory);
  void first_bases();
  void new_bases();
  void turn(const Matrix& m, const at::Tensor& flat, bool back) const;

  OptimiserSettings settings_;
  at::Tensor weights_, mean_, square_, decayed_;
  std::vector<Matrix> matrices_;
  long long calls_ = 0;
};

/// The rate of a step: warm-up, then exponential decay. `position`: steps so far, which a limit of time may
/// count faster.
double learning_rate(const OptimiserSettings& settings, double position);

}  // namespace understudy::pinn
