// A small camembert through the program, for the system tests of seismic decks.
#pragma once

#include "support/apps_cli.hpp"

namespace understudy::tests {

inline std::string seismic_deck(const std::string& name) {
  return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/seismic/" + name + ".yaml";
}

// 30 x 30 cells of 20 m, two shots.
inline const std::vector<std::string> small_camembert{
    "grid.lower_m=[0,-600]",
    "grid.upper_m=[600,0]",
    "grid.cells=[30,30]",
    "time.end_s=0.4",
    "time.record_every_s=0.008",
    "seismic.absorbing.width_cells=10",
    "seismic.model.anomaly.x_m=300",
    "seismic.model.anomaly.depth_m=300",
    "seismic.model.anomaly.radius_m=150",
    "seismic.wavelet.frequency_hz=8",
    "seismic.sources=[{first_m: [105, 30], last_m: [495, 30], count: 2}]",
    "seismic.receivers=[{first_m: [25, 570], last_m: [575, 570], count: 12}]",
    "inversion.stages=[{max_frequency_hz: 8, iterations: 2}, {max_frequency_hz: 0, iterations: 3}]"};

inline Outcome seismic_verb(const std::string& verb, const fs::path& out,
                            const std::vector<std::string>& more = {}, int ranks = 1,
                            bool resume = false) {
  auto arguments =
      with_settings({verb, seismic_deck("camembert_fwi"), "--out", out}, small_camembert, more);
  if (resume) arguments.push_back("--resume");
  return understudy(arguments, ranks);
}

// Null where there is none.
inline nlohmann::json metric(const fs::path& out, const std::string& path) {
  const auto all = summary(out)["metrics"];
  const nlohmann::json::json_pointer at("/seismic/" + path);
  return all.contains(at) ? all.at(at) : nlohmann::json();
}

inline std::vector<std::vector<double>> table(const fs::path& csv) {
  std::istringstream text(slurp(csv));
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(text, line);
  EXPECT_TRUE(line.starts_with("iteration,stage")) << line;
  while (std::getline(text, line)) {
    auto& row = rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) row.push_back(std::stod(field));
  }
  return rows;
}

}  // namespace understudy::tests
