// Vertical differences at a free surface of the staggered grid: summation-by-parts pairs.
//
// Depth z = 0 is the surface, in units of the spacing. Nodes lie at z = 0, 1, 2... (vertical velocity,
// vertical shear stresses), centres at z = 1/2, 3/2... (normal stresses, horizontal velocities). Within
// `rows` of the surface the differences are dense, below they are those of Differences<R>:
//   nodes -> centres   P_c^-1 Q       of the vertical velocity
//   centres -> nodes   P_n^-1 S       of horizontal velocities (row 0 is absent: no shear stress there)
//   centres -> nodes  -P_n^-1 Q^T     of the normal stress
//   nodes -> centres  -P_c^-1 S^T     of the shear stress
// with the diagonal weights P. A stress that vanishes at the surface is thereby the natural condition, and
// kinetic plus strain energy, weighted by P, is conserved: the scheme is stable for any medium. The idea
// is that of Kreiss and Scherer (1974), on staggered grids O'Reilly, Lundquist, Dunham and Nordstroem
// (2017); the coefficients are our own: the solution nearest to Differences<R> of the linear conditions
// that all four be exact for polynomials in z up to degree 2 (order 4) or 3 (order 8), stresses for those
// that vanish at z = 0. (The solution's free parameters minimise the squared change, weighted by
// exp(distance / 2) for order 4 and exp(distance) for order 8.) Their spectral norms are below the
// interior's, so that the stable time step is the same.
#pragma once

#include <array>
#include <vector>

#include "solvers/seismic/numerics/differences.hpp"

namespace understudy::solvers::seismic {

template <int R>
struct SurfaceClosure;

template <>
struct SurfaceClosure<2> {
  static constexpr int rows = 4, columns = rows + 3;  // columns: how far a row reaches
  static constexpr std::array<double, rows> node_weight{0.40367963015628966, 1.0806277761977978,
                                                        1.0443722238022022, 0.9713203698437104};
  static constexpr std::array<double, rows> centre_weight{1.0685425920659326, 0.9193722238022023,
                                                          0.9972944428644644, 1.0147907412674007};
  static constexpr std::array<double, rows * rows> to_centres{
      -1.0811224298318325,   1.1062821053636323,    -0.03773951329769964, 0.01257983776589988,
      0.06676994512286859,   -1.119682059170808,    1.119682059170808,    -0.06676994512286859,
      0.0033980415328516765, 0.03147254206811164,   -1.1121003182659095,  1.1188964013316127,
      0.008066160926627005,  -0.009407741512480266, 0.021492925644345434, -1.1034846783918255};
  static constexpr std::array<double, rows * rows> to_nodes{0.0,
                                                            0.0,
                                                            0.0,
                                                            0.0,
                                                            -1.0938728476865056,
                                                            1.1203629906639212,
                                                            -0.039735214466123464,
                                                            0.013245071488707821,
                                                            0.02533025562057299,
                                                            -1.1203629906639212,
                                                            1.1203629906639212,
                                                            -0.02533025562057299,
                                                            -0.008443418540190997,
                                                            0.06699692228723966,
                                                            -1.1216506254642833,
                                                            1.1047637883839014};
};
template <>
struct SurfaceClosure<4> {
  static constexpr int rows = 8, columns = rows + 5;
  static constexpr std::array<double, rows> node_weight{
      0.36994221875036204, 1.145832397722324,  1.0458943063032264, 0.9274259574974486,
      0.9820052740465686,  1.0325461435842092, 1.0017932782661376, 0.9945604238297234};
  static constexpr std::array<double, rows> centre_weight{
      1.1210999963041728, 0.7853809586523912, 1.0738616170148925, 1.0521026644936233,
      0.9789027392938231, 0.9799119895010374, 1.0074300006906107, 1.0013100340494492};
  static constexpr std::array<double, rows * rows> to_centres{
      -1.1068477812674193,    1.100079157958425,       -0.014186693595842846,
      0.02829331752578222,    -0.0030045936701064272,  -0.0028631287715506124,
      -0.001140238753281526,  -0.00033003942600648753, 0.08313566340203081,
      -1.0702038212253766,    1.1294610968259422,      -0.15764170614963507,
      0.009198681862174252,   0.003946816727910521,    0.0016639863121379029,
      0.0004392822448159571,  0.025664966205501835,    -0.035519695794783215,
      -1.1402655896880214,    1.2267497819861848,      -0.0906486004084923,
      0.01248768473522247,    0.0009010465656940657,   0.0006304063986938213,
      0.006771056050320031,   -0.01391605681474755,    0.04257654910895439,
      -1.174719836712445,     1.2019776478336832,      -0.07313873263230157,
      0.0103374071111829,     0.00011196605535349102,  -0.00291812936424015,
      0.006665689059348726,   -0.010901225028937625,   0.0830693594976204,
      -1.1932571109391121,    1.1945548729350137,      -0.08627723864157584,
      0.009761327124740104,   -0.001893434737252321,   0.0022250694059964557,
      0.002142795546479917,   -0.008286127797836143,   0.08109518356822884,
      -1.196000319062583,     1.19931248131746,        -0.0874684160976368,
      -0.0006468785471169529, 0.0005903965808008364,   0.0007257622376865805,
      0.0015425076100841202,  -0.009065385850588316,   0.0706389248156474,
      -1.1930293771491345,    1.2001238866121446,      -0.00017770015457927658,
      0.00011575109331298783, 0.00016081735654824284,  0.00016936029006245658,
      0.001060964163751122,   -0.00997943547262004,    0.07723842407896171,
      -1.1939974075459134};
  static constexpr std::array<double, rows * rows> to_nodes{0.0,
                                                            0.0,
                                                            0.0,
                                                            0.0,
                                                            0.0,
                                                            0.0,
                                                            0.0,
                                                            0.0,
                                                            -1.1214675316043883,
                                                            1.0903694284402676,
                                                            0.024880352363226787,
                                                            0.015431699762033839,
                                                            -0.006298234595260864,
                                                            -0.0022166676644920654,
                                                            -0.0005767688827141769,
                                                            -0.0001222778186728483,
                                                            0.03720438993646486,
                                                            -1.1561137404650295,
                                                            1.1574835552558969,
                                                            -0.04475617461399108,
                                                            0.008946173818349784,
                                                            -0.0021946395365247695,
                                                            -0.00048491327382372054,
                                                            -8.465112134248704e-05,
                                                            -0.033747761388628006,
                                                            0.1712281510609613,
                                                            -1.2392894652071478,
                                                            1.1758884850185491,
                                                            -0.07996365737559522,
                                                            0.008031607343943198,
                                                            -0.001839390742378671,
                                                            -0.00030796870970396193,
                                                            -0.0006363203697351128,
                                                            -0.010218156702137967,
                                                            0.09374602034591266,
                                                            -1.2020226301735981,
                                                            1.192165728497655,
                                                            -0.08120235175370262,
                                                            0.009025845733673711,
                                                            -0.000858135578067767,
                                                            0.003331655948816665,
                                                            -0.0042975258810964735,
                                                            -0.011732464966396334,
                                                            0.07321112952440954,
                                                            -1.1963982412647196,
                                                            1.1973559670774008,
                                                            -0.0704795282085034,
                                                            0.009706552412945966,
                                                            0.0015756223414725922,
                                                            -0.0019579456826320494,
                                                            -0.0013324854615546168,
                                                            -0.010588334302633588,
                                                            0.08821184405017461,
                                                            -1.200770512488186,
                                                            1.193021519997788,
                                                            -0.07703247631157167,
                                                            0.0005193296113130616,
                                                            -0.0004427755765224967,
                                                            -0.0005953611501157809,
                                                            -1.7513027882370857e-05,
                                                            -0.010304144188486216,
                                                            0.08793376856798336,
                                                            -1.2001519374534177,
                                                            1.193938469526652};
};

/// The four differences as dense rows [row][column], d/dz with z downwards, spacing 1.
struct SurfaceDifferences {
  int rows = 0;  ///< centre rows 0 ... rows - 1 and node rows 0 ... rows differ from the interior
  int columns = 0;  ///< reach
  std::vector<double> velocity_to_centres, velocity_to_nodes, stress_to_nodes, stress_to_centres;
  std::vector<double> node_weight, centre_weight;  ///< [rows + 1]; 1 from `rows` on
};

SurfaceDifferences surface_differences(int order);

}  // namespace understudy::solvers::seismic
