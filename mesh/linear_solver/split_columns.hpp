// Tridiagonal equations along an axis that is split over ranks, without moving its rows (the partition method: Wang
// 1981, ACM Trans. Math. Softw. 7, 170; SPIKE of Polizzi & Sameh 2006, Parallel Comput. 32, 177). Each rank eliminates
// its own rows (columns.hpp: part_ends). What is left are two unknowns a rank and mode, its first and its last,
//     first_q = f_q + v_q last_{q-1} + c_q first_{q+1}
//     last_q  = l_q + c_q last_{q-1} + w_q first_{q+1},
// f, l being those between zeros and v, c, w the rank's PartResponse. Modes are shared out: their owner is sent f and
// l by all ranks, solves from the lowest rank to the uppermost and back, and returns to each rank the unknowns beside its
// own rows, with which it solves them (solve_part). Four numbers a mode and rank travel in place of all rows twice.
#pragma once

#include <functional>
#include <vector>

#include "core/comm.hpp"
#include "mesh/linear_solver/columns.hpp"

namespace understudy::mesh::detail {

/// The part of [0, n) that falls to `part` of `parts`.
struct Span {
  int begin, end;
  int size() const { return end - begin; }
};
Span share(int n, int part, int parts);

class SplitColumns {
 public:
  /// `rows` of the axis, by rank, empty ones allowed; `eigenvalue(mode)` as in columns.hpp. Mode 0 of a singular equation
  /// is not solved: what is given for its neighbours means nothing. Collective.
  SplitColumns(const core::Comm& comm, const ColumnEquation& equation,
               const std::vector<Span>& rows, int modes,
               const std::function<double(int)>& eigenvalue);

  const ColumnPart& part() const { return part_; }  ///< this rank's rows
  double* first() { return first_.data(); }         ///< of this rank's part between zeros [mode]
  double* last() { return last_.data(); }
  const double* before() const { return before_.data(); }  ///< the unknowns beside the part [mode]
  const double* after() const { return after_.data(); }

  /// From first() and last() to before() and after(). Collective.
  void reduce();

 private:
  /// Of one rank of the chain, for this rank's share of the modes.
  struct Link {
    int rank;
    std::vector<double> to_before = {}, across = {};  ///< v, c
    std::vector<double> inverse = {};                 ///< 1 / (1 - v b of the link before)
    // last = a + b first_next + g z, first = c + d first_next + e z, with z the last unknown of a circle
    std::vector<double> a = {}, b = {}, g = {}, c = {}, d = {}, e = {};
  };
  /// z and first_0 of a circle: the inverse of a 2 x 2 matrix a mode, and the matrix of its right-hand side.
  struct Closing {
    std::vector<double> one_minus_g, one_minus_q, b, s, inverse;
  };
  void set_coefficients(std::size_t m, const std::vector<ColumnPart>& parts, double eigenvalue);
  void pack();
  void solve_chain();
  void unpack();

  core::Comm comm_;
  int modes_;
  bool circle_;
  Span mine_;  ///< the modes that this rank solves
  ColumnPart part_;
  std::vector<Link> chain_;  ///< ranks that have rows, from the axis' lower end on
  Closing closing_;
  std::vector<double> first_, last_, before_, after_;
  // By mode's owner, [2][its share]; and by rank, [2][this rank's share].
  std::vector<double> by_owner_, by_rank_;
  std::vector<std::size_t> owner_bytes_, owner_offsets_, rank_bytes_, rank_offsets_;
};

}  // namespace understudy::mesh::detail
