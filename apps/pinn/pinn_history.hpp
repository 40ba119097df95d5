// history.csv: the lines of a training, written as they come.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "apps/study/csv_series.hpp"
#include "pinn/solver.hpp"

namespace understudy::apps {

/// Columns: step, window, phase, wall_s, learning_rate, loss, loss:<term>..., weight:<term>...,
/// error:<field>..., parameter:<name>... Errors are empty where nothing was looked at.
class PinnHistory {
 public:
  /// Opened at the first line. `resumed`: lines of an earlier call before that line's step stay, as in
  /// every resumed series (csv_series.hpp).
  PinnHistory(std::filesystem::path path, pinn::ProblemDescription about, bool resumed);
  /// UserError naming the file when it cannot be written. Rank 0 only.
  void write(const pinn::HistoryLine& line);

 private:
  std::filesystem::path path_;
  pinn::ProblemDescription about_;
  bool resumed_;
  std::optional<CsvSeries> file_;
};

/// Writes the whole history of a training where the file has fewer lines: an older training's, whose
/// checkpoint was gone on from. Rank 0 only.
void complete_history(const std::filesystem::path& path, const pinn::ProblemDescription& about,
                      const std::vector<pinn::HistoryLine>& lines);

/// The lines of the file, in order; damaged ones are left out. Empty where the columns are another
/// problem's or there is no file.
std::vector<pinn::HistoryLine> read_history(const std::filesystem::path& path,
                                            const pinn::ProblemDescription& about);

}  // namespace understudy::apps
