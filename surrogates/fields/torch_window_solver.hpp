// The deck's solver on the coarse grid as LibTorch sees it: a function of channels, whose gradient is the exact
// transpose of the discrete equations (solvers/differentiable_stepper.hpp) (private to surrogates/).
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "solvers/differentiable_stepper.hpp"
#include "surrogates/fields/model.hpp"
#include "surrogates/fields/training.hpp"

namespace understudy::surrogates {

class WindowSolver {
 public:
  /// `fields`: what the channels are. `memory_mb` bounds what each recorded advance keeps.
  WindowSolver(MakeCoarseSolver make, std::vector<FieldCard> fields, double memory_mb);
  ~WindowSolver();

  /// The state of one row of a batch.
  struct Place {
    int solver = 0;  ///< of solver_of()
    double time_s = 0;
  };
  /// The solver of a sample's parameters; made at first use.
  int solver_of(const SampleInfo& sample);
  /// UserError where this solver cannot be differentiated with its parameters, or not in the memory.
  void require_differentiable(int solver);

  /// Physical values [batch, channel, (z,) y, x], double, on the CPU -> those after duration_s, without history
  /// (the scheme begins anew). Each row from its own place. With autograd where `channels` ask for it. Where the
  /// solver fails, or its derivative, the row is NaN, and the first failure is in the log.
  at::Tensor advance(const at::Tensor& channels, const std::vector<Place>& places,
                     double duration_s);
  /// The same of the solver's constrain() at the places' times; without an adjoint its gradient is taken for that of
  /// no change.
  at::Tensor constrain(const at::Tensor& channels, const std::vector<Place>& places);
  /// Drops what advance() recorded and no backward pass has used.
  void forget();

  /// One recorded call, for its backward pass.
  struct Call;
  at::Tensor backward(Call& call, const at::Tensor& gradient);

 private:
  struct Solver;
  void write_interior(const at::Tensor& row, mesh::State<double>& state) const;
  at::Tensor read_interior(const mesh::State<double>& state, const at::Tensor& like) const;
  void close_faces(mesh::State<double>& state, bool transposed) const;
  template <class Work>
  at::Tensor row_or_nan(const at::Tensor& like, const Work& work);
  at::Tensor apply(Call& call, const at::Tensor& channels, bool record);
  at::Tensor apply_to_row(Call& call, const at::Tensor& row, std::int64_t n);
  at::Tensor transpose_row(Call& call, const at::Tensor& row, std::int64_t n);
  std::unique_ptr<solvers::AdvanceTape<double>> make_tape(Solver& solver) const;
  void give_back(Call& call, std::int64_t n);
  at::Tensor call(const at::Tensor& channels, const std::vector<Place>& places, double duration_s);

  MakeCoarseSolver make_;
  std::vector<FieldCard> fields_;
  double memory_mb_;
  bool warned_ = false;
  std::vector<std::unique_ptr<Solver>> solvers_;
  std::map<std::string, int> known_;
  std::vector<std::unique_ptr<Call>> calls_;  ///< recorded, and not yet forgotten

  friend struct WindowFunction;
};

}  // namespace understudy::surrogates
