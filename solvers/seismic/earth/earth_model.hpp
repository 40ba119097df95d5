// The medium that waves run through: speeds and density at the centres of the deck's grid, made from
// the deck's `seismic.model` section or read from a file.
//
// Arrays lie on the host, whole on every rank, in SI units, [k, j, i] with i = x fastest. The last axis
// of the grid (y in 2-D, z in 3-D) is the vertical one and points up: its index 0 is the deepest row.
// In 2-D k has length 1. Layers off the grid (absorbing ones) are the propagator's affair.
//
// Kinds:
//   homogeneous    one speed
//   layered        a list of layers, each from its top downwards
//   gradient       speed = p_speed_m_s + gradient_1_s * depth
//   camembert      a disc (ball in 3-D) or a Gaussian of another speed in a homogeneous background
//                  (Gauthier, Virieux, Tarantola 1986)
//   flat_layers, curved_layers   members of a random family (model_families.hpp)
//   file           HDF5, SEG-Y or raw binary (model_file.hpp)
// What is not given follows from the P speed: the S speed by a constant ratio, the density by Gardner's
// relation rho = 310 kg/m3 (v / (1 m/s))^0.25 (Gardner, Gardner, Gregory 1974). Values are those at cell
// centres (no averaging over cells). Smoothing, for starting models, is a convolution with a Gaussian,
// the model mirrored at its sides.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/params.hpp"
#include "mesh/grid.hpp"

namespace understudy::solvers::seismic {

struct EarthModel {
  std::array<int, 3> cells{1, 1, 1};  ///< along x, y, z
  std::vector<double> p_speed_m_s;    ///< [k, j, i]
  std::vector<double> s_speed_m_s;    ///< [k, j, i]; 0 in fluids; empty: acoustic
  std::vector<double> density_kg_m3;  ///< [k, j, i]; empty: constant and of no account

  std::size_t count() const;
  std::size_t index(int k, int j, int i) const {
    return (static_cast<std::size_t>(k) * cells[1] + j) * cells[0] + i;
  }
  bool elastic() const { return !s_speed_m_s.empty(); }
  double largest_speed() const;  ///< m/s; decides on the time step
  /// m/s; decides on the shortest wave length. S speeds of 0 (fluids) do not count, their P speeds do.
  double smallest_speed() const;
};

/// One layer; it reaches down to the next one's top.
struct LayerParams {
  double top_depth_m = 0;
  double p_speed_m_s = 2000;
  double s_speed_m_s = -1;   ///< negative: as the model's `s_speed` says; 0: a fluid
  double density_kg_m3 = 0;  ///< 0: as the model's `density` says
  void describe(core::ParamVisitor& v);
};

struct AnomalyParams {
  std::string shape = "disc";            ///< disc, gaussian
  double x_m = 0, y_m = 0, depth_m = 0;  ///< centre; y_m in 3-D only
  double radius_m = 100;                 ///< of the disc; standard deviation of the Gaussian
  double contrast = 0.2;                 ///< relative change of the speed at the centre
  double edge_m = 0;                     ///< disc: width of the smooth edge, 0: sharp
  void describe(core::ParamVisitor& v);
};

/// Random families (model_families.hpp).
struct FamilyParams {
  int interfaces_least = 2, interfaces_most = 5;
  double least_thickness_m = 0;  ///< 0: a fourteenth of the depth
  double speed_least_m_s = 1500, speed_most_m_s = 4500;
  std::string speeds = "increasing";  ///< increasing (version A), free (version B)
  int waves = 2;                      ///< curved: sines in an interface's shape
  double amplitude_most_m = 0;        ///< curved: of the sum; 0: a tenth of the depth
  double wavelength_least_m = 0, wavelength_most_m = 0;  ///< curved; 0: half, twice the width
  bool faults = false;
  int faults_most = 2;
  double slip_most_m = 0;  ///< 0: a seventh of the depth
  double dip_least_deg = 45;
  void describe(core::ParamVisitor& v);
};

/// A model in a file (model_file.hpp).
struct ModelFileParams {
  std::string path;  ///< relative to the deck
  std::string format =
      "hdf5";  ///< hdf5, raw, segy; a path that ends in .sgy or .segy: segy for hdf5
  std::string p_speed = "p_speed_m_s", s_speed,
              density;                ///< datasets; raw, segy: s and density are paths
  std::string number = "float32";     ///< raw: float32, float64
  std::string order = "depth_first";  ///< raw: depth_first [depth, (y,) x], x_first [x, (y,) depth]
  std::string byte_order = "little";  ///< raw: little, big
  std::string speed_unit = "m/s";     ///< m/s, km/s, ft/s
  std::string density_unit = "kg/m3";  ///< kg/m3, g/cm3
  void describe(core::ParamVisitor& v);
};

struct EarthModelParams {
  std::string kind = "homogeneous";
  double p_speed_m_s = 2000;  ///< homogeneous; gradient: at the surface; camembert: background
  double gradient_1_s = 0.5;
  std::vector<LayerParams> layers;
  AnomalyParams anomaly;
  FamilyParams family;
  ModelFileParams file;
  std::string s_speed = "none";  ///< none, ratio
  double p_to_s_ratio = 1.7320508075688772;
  std::string density = "none";  ///< none, constant, gardner
  double density_kg_m3 = 2000;
  double smooth_m = 0;
  double keep_above_depth_m = 0;
  void describe(core::ParamVisitor& v);
};

/// `directory`: where relative paths start. `index` picks the member of a random family: the same seed
/// and index give the same model on every machine, on one grid. UserError where the section and the
/// grid do not fit, a file is not what it should be, or a value is not physical.
EarthModel make_earth_model(const EarthModelParams& params, const mesh::GridParams& grid,
                            const std::string& directory, std::uint64_t seed, std::uint64_t index);

/// kg/m3, from m/s.
double gardner_density(double p_speed_m_s);

/// Convolution of every array with a Gaussian of standard deviation `smooth_m`; rows whose centres lie
/// above `keep_above_depth_m` neither change nor enter (a water layer).
void smooth_earth_model(EarthModel& model, const mesh::GridParams& grid, double smooth_m,
                        double keep_above_depth_m);

/// UserError, starting with `where`, unless speeds and densities are finite and positive (S speeds: not
/// negative) and every S speed is below P speed / sqrt(2) (a Poisson's ratio of 0 or more).
void check_earth_model(const EarthModel& model, const std::string& where);

}  // namespace understudy::solvers::seismic
