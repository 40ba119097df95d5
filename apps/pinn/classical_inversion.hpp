// A classical inversion of the same samples beside an inverse problem's network: what `understudy invert` of a flow
// left in its folder (docs/assimilation.md), read from its summary.json.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "apps/pinn/pinn_result.hpp"

namespace understudy::apps {

struct ClassicalInversion {
  std::filesystem::path folder;
  std::map<std::string, double> numbers;  ///< found, by name
  /// Relative L2 errors at samples that were held out, by field; as they are, and after the means are taken off.
  std::map<std::string, double> errors, mean_free_errors;
  double wall_s = 0, core_s = 0;  ///< to the solution; core_s: times ranks and threads
  std::string end;                ///< why its search ended
};

/// UserError naming folder, key and what is missing: there must be a finished inversion that found one of the
/// problem's unknown numbers.
ClassicalInversion read_inversion(const std::filesystem::path& folder,
                                  const pinn::ProblemDescription& about);

/// A quantity that network and inversion are both judged by.
struct InversionRow {
  std::string name;
  double network = 0, classical = 0;  ///< relative errors; NaN: not known, or not found by it
};
/// Unknown numbers whose truth is known, then fields: the network's errors are those on the evaluation grid, the
/// inversion's those at samples that it was not fitted to.
std::vector<InversionRow> inversion_rows(const ClassicalInversion& classical,
                                         const PinnResult& result);
/// Who is closer in what, and after how long.
std::string inversion_words(const ClassicalInversion& classical,
                            const std::vector<InversionRow>& rows, double train_s,
                            double train_core_s);

}  // namespace understudy::apps
