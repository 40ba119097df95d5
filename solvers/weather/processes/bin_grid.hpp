// The bins of a warm-rain spectrum and what is tabulated for them. Bin b holds drops of mass x_b = x_0
// 2^(b/s), s bins to a doubling; its content is the mass mixing ratio q_b (kg/kg of dry air), and the number of
// its drops q_b / x_b (1/kg).
#pragma once

#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/array.hpp"

namespace understudy::solvers {

struct BinParams {
  int bins = 33;              ///< at most weather::most_bins
  int bins_per_doubling = 1;  ///< s
  double smallest_radius_m = 2e-6;
  /// "golovin": b (x + y); "long": gravitational with Long's (1974) efficiencies; "none"
  std::string kernel = "long";
  double golovin_m3_kg_s = 1.5;  ///< b
  double nuclei_1_m3 = 1e8;      ///< C: nuclei that are active at 1% supersaturation
  double nuclei_exponent = 0.5;  ///< k
  double coalescence_step_s = 5, condensation_step_s = 1;
  double coalescence_least = 1e-7;  ///< kg/kg of drops, below which they do not collide
  void describe(core::ParamVisitor& v);
};

namespace weather {

inline constexpr int most_bins = 132;
inline constexpr double smallest_rain_radius_m = 40e-6;  ///< smaller drops are cloud

/// Mass (kg), radius (m), fall speed (m/s, in air of fall_speed_air_density) of each bin, for the host.
struct BinSizes {
  std::vector<double> mass, radius, speed;
};
BinSizes bin_sizes(const BinParams& params);

/// K (m3/s) of drops of two sizes in air of fall_speed_air_density.
///   golovin  b (x + y)
///   long     pi (R + r)^2 |V(R) - V(r)| E; E = 1 for R > 50 um, otherwise
///            4.5e-4 R^2 (1 - 3 / (max(r, 3) + 0.01)), radii in um: Long (1974) as in Bott (1998)
double coalescence_kernel(const BinParams& params, double radius_1, double radius_2);

/// On the device; made once.
template <class Real>
struct BinTables {
  using Row = Kokkos::View<Real*, mesh::Memory>;
  using Square = Kokkos::View<Real**, Kokkos::LayoutRight, mesh::Memory>;
  int bins = 0;
  bool gravitational = false;  ///< the kernel grows like the fall speeds in thinner air
  Row mass, radius;            ///< kg, m
  Row ventilation;             ///< 1, in air of fall_speed_air_density
  Square kernel;               ///< m3/s; of a bin with itself, half
  Square courant;  ///< [i, j <= i] where x_i + x_j lies between the bins k and k + 1: 0 to 1
  Kokkos::View<int**, Kokkos::LayoutRight, mesh::Memory> target;  ///< k
  Real nuclei = 0, nuclei_exponent = 0;                           ///< C (1/m3), k
  Real coalescence_step = 0, condensation_step = 0;               ///< s
};
/// UserError where the bins do not fit.
template <class Real>
BinTables<Real> bin_tables(const BinParams& params);

}  // namespace weather
}  // namespace understudy::solvers
