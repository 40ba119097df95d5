// First arrivals of seismic waves in a vertical section, x to the right and z down (m): a velocity model, a
// solver of the eikonal equation |grad T| = 1 / v, and the rays of its solution. What the inverse problems
// of travel times are made from and measured against.
//
// T = T0 tau with T0 = |x - source| / v(source), which takes the kink at the source out (Fomel, Luo & Zhao
// 2009); tau by fast sweeping (Zhao 2005): Godunov's upwind differences of first order, Gauss-Seidel sweeps
// in the four orders of the axes until nothing changes. Measured order: validation/pinn_travel_times_test.
#pragma once

#include <array>
#include <functional>
#include <vector>

namespace understudy::pinn {

/// v(x, z) = surface + gradient z + anomaly exp(-((x - x_m)^2 + (z - z_m)^2) / (2 radius^2)).
struct VelocityModel {
  double surface_m_s = 2000, gradient_1_s = 0.6;
  double anomaly_m_s = 0, anomaly_x_m = 0, anomaly_z_m = 0, anomaly_radius_m = 1;
  double operator()(double x, double z) const;
};

struct Section {
  double width_m = 1, depth_m = 1;
  double spacing_m = 0.01;  ///< of the nodes; the box's sides are whole multiples of it
};

/// Arrival times from one source on the nodes of a section.
class ArrivalTimes {
 public:
  /// `velocity` in m/s at (x, z). UserError for a source outside of the section.
  ArrivalTimes(const Section& section, const std::function<double(double, double)>& velocity,
               std::array<double, 2> source_m);

  /// T (s) at a place of the section, tau being bilinear between nodes.
  double time(double x, double z) const;
  /// From a place back to the source, down the gradient of T, in steps of a node's spacing: (x, z).
  std::vector<std::array<double, 2>> ray(double x, double z) const;
  int sweeps() const { return sweeps_; }

 private:
  double& tau(int i, int k) { return tau_[std::size_t(k) * std::size_t(nx_) + std::size_t(i)]; }
  double tau(int i, int k) const {
    return tau_[std::size_t(k) * std::size_t(nx_) + std::size_t(i)];
  }
  double free_time(double x, double z) const;  ///< T0
  void sweep();
  /// tau of the node from its neighbours; returns by how much it fell.
  double update(int i, int k);

  Section section_;
  std::array<double, 2> source_;
  double source_slowness_;
  int nx_, nz_, sweeps_ = 0;
  std::vector<double> tau_, slowness_;  ///< [z, x]
  std::vector<char> held_;              ///< nodes beside the source
};

}  // namespace understudy::pinn
