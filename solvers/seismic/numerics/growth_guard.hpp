// Notices waves that grow although nothing is emitted any more: what an unstable absorbing layer does, and
// what no bound on the values can say of waves of any size. The energy is looked at every so many steps; it
// may rise while the wavelet lasts, and afterwards must stay below `factor` times its largest until then.
// The kinetic energy alone is enough: the total, of which it is a part, does not rise.
#pragma once

#include <span>
#include <string>

#include "solvers/seismic/numerics/cpml.hpp"

namespace understudy::solvers::seismic {

class GrowthGuard {
 public:
  static constexpr double factor = 10;

  /// `wavelet` at n * dt_s. It ends where it stays below a thousandth of its largest value.
  GrowthGuard(const AbsorbingParams& layer, std::span<const double> wavelet, double dt_s);

  /// Steps between two looks of a run of `steps`: dozens of looks, at the price of one step in twenty-five
  /// at most.
  static long long interval(long long steps);

  /// After `step` steps, looks in order of time. What is wrong, empty where nothing is: a value that is not
  /// finite, growth. The text names layer, width, reflection, time and what may be done.
  std::string look(long long step, double energy);

  /// What may be done about it, naming the deck's keys.
  std::string advice() const;

 private:
  AbsorbingParams layer_;
  double dt_s_;
  long long end_;  ///< the wavelet's
  double largest_ = 0;
  bool after_ = false;  ///< a look after the wavelet's end has been
};

}  // namespace understudy::solvers::seismic
