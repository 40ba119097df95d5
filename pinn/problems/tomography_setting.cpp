#include "pinn/problems/tomography_setting.hpp"

namespace understudy::pinn {

std::vector<ConstantInfo> TomographySetting::constants() {
  return {
      {"surface_velocity", "m/s", "velocity at z = 0", 2000, {.at_least = 1600, .at_most = 3000}},
      {"gradient",
       "1/s",
       "growth of the velocity with depth",
       0.6,
       {.at_least = 0, .at_most = 0.75}},
      {"anomaly", "m/s", "height of the Gaussian anomaly", 500, {.at_least = -300, .at_most = 800}},
      {"anomaly_x", "m", "its centre", 1500, {.at_least = 0, .at_most = width_m}},
      {"anomaly_z", "m", "its centre's depth", 900, {.at_least = 0, .at_most = depth_m}},
      {"anomaly_radius", "m", "its standard deviation", 300, {.at_least = 50, .at_most = 1000}},
      {"spacing",
       "m",
       "of the reference solver's nodes; divides 1000",
       5,
       {.at_least = 1, .at_most = 50}}};
}

TomographySetting TomographySetting::from(const ProblemChoice& choice) {
  const auto& constants = choice.constants;
  TomographySetting s;
  s.velocity = {constants.at("surface_velocity"), constants.at("gradient"),
                constants.at("anomaly"),          constants.at("anomaly_x"),
                constants.at("anomaly_z"),        constants.at("anomaly_radius")};
  s.spacing_m = dividing_constant(choice, "spacing", 1000);
  return s;
}

ArrivalTimes TomographySetting::arrivals(std::array<double, 2> source_m) const {
  const VelocityModel model = velocity;
  return {
      {width_m, depth_m, spacing_m}, [model](double x, double z) { return model(x, z); }, source_m};
}

std::vector<InputInfo> TomographySetting::inputs() const {
  return {{"x", "m", 0, width_m}, {"z", "m", 0, depth_m}};
}

}  // namespace understudy::pinn
