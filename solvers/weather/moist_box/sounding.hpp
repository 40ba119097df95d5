// A sounding from a table (core/table.hpp): height (m, rising), theta (K), vapour (kg/kg) and, if it has them,
// u and v (m/s), in this order or named in a header (z or height, theta, qv or vapour, u, v), with units where
// they are others: "qv [g/kg]". A header behind '#' serves, too, where its names are known or carry units. Linear in
// between. Host only.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace understudy::solvers::moist {

struct SoundingPoint {
  double theta_k = 0, vapour = 0, u_m_s = 0, v_m_s = 0;
};

class Sounding {
 public:
  /// UserErrors that begin with `key`: columns, units, heights that do not rise, values that no air has, a
  /// table that ends below `top_m` or begins above `bottom_m`.
  Sounding(const std::string& path, const std::string& key, double bottom_m, double top_m);
  /// Beyond the ends: their values.
  SoundingPoint operator()(double height_m) const;
  bool has_wind() const { return has_wind_; }

 private:
  std::vector<double> height_m_;
  std::vector<SoundingPoint> points_;
  bool has_wind_ = false;
};

}  // namespace understudy::solvers::moist
