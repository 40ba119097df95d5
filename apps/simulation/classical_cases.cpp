// Which cheaper classical runs there are: grids and settings of classical.hpp.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/simulation/classical.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::apps {

namespace {

// `check` does not warn of comparisons that its deck says nothing of.
bool asked_for_coarser(const SimulationJob& job) {
  const DeckNode* compare = job.tree.root.find("compare");
  return job.verb != "check" || (compare && compare->find("coarser"));
}

// The deck's looser settings, `auto` resolved.
std::vector<std::string> looser_settings(const SimulationDeck& deck) {
  std::vector<std::string> all;
  for (const auto& setting : deck.compare.looser) {
    if (setting != "auto") {
      all.push_back(setting);
      continue;
    }
    if (deck.precision == "double") all.emplace_back("precision=single");
    for (const auto& own : deck.physics->looser_settings()) all.push_back(own);
  }
  return all;
}

void add_case(const SimulationJob& job, const std::vector<std::string>& grid,
              const std::vector<std::string>& looser, double factor,
              std::vector<ClassicalCase>& cases) {
  std::vector<std::string> all = case_settings(job);
  all.insert(all.end(), grid.begin(), grid.end());
  all.insert(all.end(), looser.begin(), looser.end());
  SimulationDeck cheaper = with_settings(job, all);
  std::string name = mesh::shape_text(cheaper.grid());
  if (!looser.empty()) name += ", " + core::joined(looser);
  cases.push_back({std::move(name), std::move(cheaper), factor});
}

}  // namespace

// Where the sides' ratio allows it, cells stay as square as they were.
std::vector<long long> coarser_cells(const std::vector<long long>& cells, double factor) {
  long long common = 0;
  for (const auto n : cells) common = std::gcd(common, n);
  // A few per cent beside the factor are nothing; an odd number of cells multigrid does not like.
  long long parts = std::llround(static_cast<double>(common) / factor);
  const auto off = [&](long long n) {
    return n > 0 ? std::abs(std::log(static_cast<double>(common) / static_cast<double>(n) / factor))
                 : INFINITY;
  };
  if (parts % 2 && parts > 8 &&
      std::abs(static_cast<double>(parts) * factor - static_cast<double>(common)) >
          1e-9 * static_cast<double>(common))
    parts = off(parts - 1) < off(parts + 1) ? parts - 1 : parts + 1;
  std::vector<long long> coarse;
  for (const auto n : cells)
    coarse.push_back(off(parts) < 0.05 ? n / common * parts
                                       : 2 * std::llround(static_cast<double>(n) / factor / 2));
  for (const auto n : coarse)
    if (n < 8) return {};
  return coarse;
}

std::vector<ClassicalCase> coarser_cases(const SimulationJob& job, double factor) {
  const SimulationDeck deck = with_settings(job, case_settings(job));
  const auto cells = coarser_cells(deck.grid().cells, factor);
  if (cells.empty() || cells == deck.grid().cells) return {};
  std::string list;
  for (const auto n : cells) list += (list.empty() ? "" : ", ") + std::to_string(n);
  const bool sphere = deck.grid().is_sphere();
  if (sphere && cells.front() < 2 * mesh::edge_cells) return {};
  const std::string grid =
      "grid.cells=" + (sphere ? std::to_string(cells.front()) : "[" + list + "]");
  std::vector<ClassicalCase> cases;
  add_case(job, {grid}, {}, factor, cases);
  const auto looser = looser_settings(deck);
  if (!looser.empty()) add_case(job, {grid}, looser, factor, cases);
  return cases;
}

std::vector<ClassicalCase> classical_cases(const SimulationJob& job) {
  const SimulationDeck deck = with_settings(job, case_settings(job));
  std::vector<ClassicalCase> cases;
  const auto looser = looser_settings(deck);
  for (const auto& one : looser) add_case(job, {}, {one}, 1, cases);
  if (looser.size() > 1) add_case(job, {}, looser, 1, cases);
  for (const long long factor : deck.compare.coarser) {
    auto coarser = coarser_cases(job, static_cast<double>(factor));
    if (coarser.empty() && asked_for_coarser(job))
      core::log::warn("no classical run with {} times coarser cells: of {} too few would be left",
                      factor, mesh::shape_text(deck.grid()));
    for (auto& one : coarser) cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace understudy::apps
