// history.csv: the lines of a training, written as they come.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "pinn/solver.hpp"

namespace understudy::apps {

/// Columns: step, window, phase, wall_s, learning_rate, loss, loss:<term>..., weight:<term>...,
/// error:<field>..., parameter:<name>... Errors are empty where nothing was looked at.
class PinnHistory {
 public:
  /// Opened at the first line. `resumed`: lines of an earlier call up to that line's step stay.
  PinnHistory(std::filesystem::path path, pinn::ProblemDescription about, bool resumed);
  /// UserError naming the file when it cannot be written. Rank 0 only.
  void write(const pinn::HistoryLine& line);

 private:
  void open(long long first_step);
  std::filesystem::path path_;
  pinn::ProblemDescription about_;
  bool resumed_, opened_ = false;
  std::ofstream file_;
};

/// The lines of the file, in order; stops at a broken one. Empty where the columns are another problem's or
/// there is no file.
std::vector<pinn::HistoryLine> read_history(const std::filesystem::path& path,
                                            const pinn::ProblemDescription& about);

}  // namespace understudy::apps
