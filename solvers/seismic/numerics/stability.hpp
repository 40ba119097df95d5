// What time step and grid can carry, checked before a run.
//   acoustic  leapfrog in time: dt <= 2 / (c sqrt(sum_a N / h_a^2)), N the norm of the second difference
//             (constant density) or of the staggered difference applied twice (variable density)
//   elastic   dt <= 1 / (c_p sqrt(sum_a 1 / h_a^2) sum_m |c_m|)  (Virieux 1986; Levander 1988)
// The shortest wave, slowest speed over highest frequency of the wavelet, must have enough points: 8, 5
// and 3 for orders 2, 4, 8 unless the deck says otherwise.
#pragma once

#include <string>

#include "mesh/grid.hpp"

namespace understudy::solvers::seismic {

enum class Scheme { acoustic, acoustic_density, elastic };

struct Sampling {
  Scheme scheme = Scheme::acoustic;
  int order = 8;
  double slowest_m_s = 0, fastest_m_s = 0;  ///< of all waves that the model carries
  double highest_hz = 0;                    ///< of the wavelet
  double points_per_wavelength = 0;         ///< needed; 0: by order
};

/// To stand behind a message: that a speed below 10 m/s looks like km/s; empty for others.
std::string speed_mistake(double slowest_m_s);

double largest_dt_s(const Sampling& s, const mesh::GridParams& grid);
double needed_points(const Sampling& s);
/// The highest frequency that has the points it needs.
double finest_frequency_hz(const Sampling& s, const mesh::GridParams& grid);

/// The step of a run: `wanted_s` where it is given, else the largest one of at most 0.9 of the limit that
/// divides `record_s`. UserError for a step over the limit, one that does not divide record_s, and
/// for too few points per wavelength; it says the largest stable step and the finest frequency.
double choose_dt_s(const Sampling& s, const mesh::GridParams& grid, double wanted_s,
                   double record_s);

}  // namespace understudy::solvers::seismic
