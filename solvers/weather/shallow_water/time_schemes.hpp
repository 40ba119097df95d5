// Runge-Kutta schemes of the shallow-water step. Strong-stability-preserving ones are sums of Euler steps (Shu and
// Osher 1988; Spiteri and Ruuth 2002; Ketcheson 2008 in low storage): in each stage U becomes a B + b (U + c dt L(U)),
// B being the step's start; after a stage that says so B becomes p B + q U.
//
// The forward-backward one, FB-RK(3,2) (Lilly, Engwirda, Capodaglio, Higdon, Petersen 2023, Mon. Wea. Rev.,
// 10.1175/MWR-D-23-0113.1), is of second order: each of three stages steps by a third, a half and the whole step from
// the step's start, the depth first; the surface whose slope drives the momentum is a mean of the depth so found, of
// the stage's own and of the start's. Its weights are the defaults of MPAS-Ocean (config_fb_weight_1 to _3 in its
// Registry.xml: 0.531, 0.531, 0.313), which are for centred differences; what they allow with our upwind-biased ones,
// largest_stable_cfl() says. There the mean is the depth of every term of the momentum, here that of the slope alone.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace understudy::solvers::shallow_water {

struct Stage {
  double start, current, dt;                ///< a, b, c
  double keep_start = 1, keep_current = 0;  ///< p, q
};

struct ForwardBackwardStage {
  double dt;                    ///< of the step
  double next, current, start;  ///< weights of the depths of the surface
};

inline constexpr std::array<ForwardBackwardStage, 3> forward_backward_stages{
    {{1.0 / 3, 0.531, 0, 1 - 0.531},
     {1.0 / 2, 0.531, 0, 1 - 0.531},
     {1, 0.313, 1 - 2 * 0.313, 0.313}}};

inline bool is_forward_backward(const std::string& scheme) { return scheme == "fb_rk32"; }

/// ssp_rk3: three stages, third order. ssp_rk43: four stages of half a step, third order, whose largest step is
/// 1.2 times as long on waves and twice as long on what decays. ssp_rk104: ten stages, fourth order.
inline std::vector<Stage> stages(const std::string& scheme) {
  if (is_forward_backward(scheme)) return {};
  if (scheme == "ssp_rk3") return {{0, 1, 1}, {0.75, 0.25, 1}, {1.0 / 3, 2.0 / 3, 1}};
  if (scheme == "ssp_rk43") return {{0, 1, 0.5}, {0, 1, 0.5}, {2.0 / 3, 1.0 / 3, 0.5}, {0, 1, 0.5}};
  std::vector<Stage> ten(10, Stage{0, 1, 1.0 / 6});
  ten[4] = {0.6, 0.4, 1.0 / 6, -0.5, 0.9};
  ten[9] = {1, 0.6, 1.0 / 6};
  return ten;
}

inline std::size_t stage_count(const std::string& scheme) {
  return is_forward_backward(scheme) ? forward_backward_stages.size() : stages(scheme).size();
}

}  // namespace understudy::solvers::shallow_water
