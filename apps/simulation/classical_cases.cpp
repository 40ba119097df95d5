// Which cheaper classical runs there are: grids and settings of classical.hpp.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "apps/simulation/classical.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/log.hpp"
#include "mesh/cubed_sphere_grid.hpp"
#include "mesh/grid_shape.hpp"

namespace understudy::apps {

namespace {

// Does the deck, or a setting, have that key?
bool says(const SimulationJob& job, const char* key) {
  const DeckNode* compare = job.tree.root.find("compare");
  return compare && compare->find(key);
}

// `check` does not warn of comparisons that its deck says nothing of.
bool asked_for_coarser(const SimulationJob& job) {
  return job.verb != "check" || says(job, "coarser");
}

// What `auto` means.
std::vector<std::string> own_looser_settings(const SimulationDeck& deck) {
  std::vector<std::string> all;
  if (deck.precision == "double") all.emplace_back("precision=single");
  for (const auto& own : deck.physics->looser_settings()) all.push_back(own);
  return all;
}

bool loosens_by_itself(const SimulationDeck& deck) {
  return std::ranges::count(deck.compare.looser, "auto") > 0;
}

// The deck's looser settings, `auto` resolved.
std::vector<std::string> looser_settings(const SimulationDeck& deck) {
  std::vector<std::string> all;
  for (const auto& setting : deck.compare.looser)
    if (setting != "auto")
      all.push_back(setting);
    else
      for (auto& own : own_looser_settings(deck)) all.push_back(std::move(own));
  return all;
}

// What makes a case: the grid, the method, and what is looser.
struct Choice {
  std::vector<std::string> grid, method, looser;
};

std::vector<std::string> joined(std::vector<std::string> all,
                                const std::vector<std::string>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void add_case(const SimulationJob& job, const Choice& choice, double factor,
              std::vector<ClassicalCase>& cases) {
  const bool spectral = !choice.method.empty();
  const auto settings = joined(joined(case_settings(job), choice.grid), choice.method);
  SimulationDeck cheaper = with_settings(job, joined(settings, choice.looser));
  std::string name = (spectral ? "spectral " : "") + mesh::shape_text(cheaper.grid());
  if (!choice.looser.empty()) name += ", " + core::joined(choice.looser);
  cases.push_back({std::move(name), std::move(cheaper), factor, spectral});
}

bool fast_to_transform(long long n) {
  if (n < 2 || n % 2) return false;
  for (const long long prime : {2, 3, 5, 7})
    while (n % prime == 0) n /= prime;
  return n == 1;
}

// The nearest number of that kind.
long long fast_length(double wanted) {
  const long long middle = std::max(2LL, std::llround(wanted));
  for (long long off = 0;; ++off)
    for (const long long n : {middle - off, middle + off})
      if (fast_to_transform(n)) return n;
}

// At least 1.
long long common_divisor(const std::vector<long long>& cells) {
  long long common = 0;
  for (const auto n : cells) common = std::gcd(common, n);
  return common > 0 ? common : 1;
}

}  // namespace

std::string cells_setting(const std::vector<long long>& cells) {
  std::string list;
  for (const auto n : cells) list += (list.empty() ? "" : ", ") + std::to_string(n);
  return "grid.cells=[" + list + "]";
}

// Where the sides' ratio allows it, cells stay as square as they were.
std::vector<long long> coarser_cells(const std::vector<long long>& cells, double factor) {
  const long long common = common_divisor(cells);
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
  const bool sphere = deck.grid().is_sphere();
  if (sphere && cells.front() < 2 * mesh::edge_cells) return {};
  const std::string grid =
      sphere ? "grid.cells=" + std::to_string(cells.front()) : cells_setting(cells);
  std::vector<ClassicalCase> cases;
  add_case(job, {{grid}, {}, {}}, factor, cases);
  const auto looser = looser_settings(deck);
  if (!looser.empty()) add_case(job, {{grid}, {}, looser}, factor, cases);
  if (loosens_by_itself(deck))
    for (const auto& other : deck.physics->other_schemes())
      add_case(job, {{grid}, {}, joined({other}, looser)}, factor, cases);
  return cases;
}

std::vector<long long> spectral_cells(const std::vector<long long>& cells, double factor) {
  const long long common = common_divisor(cells);
  const auto off = [&](long long parts) {
    return std::abs(static_cast<double>(parts) * factor / static_cast<double>(common) - 1);
  };
  const long long parts = fast_length(static_cast<double>(common) / factor);
  bool whole = off(parts) < 0.1;
  for (const auto n : cells) whole &= fast_to_transform(n / common * parts);
  std::vector<long long> coarse;
  for (const auto n : cells) {
    coarse.push_back(whole ? n / common * parts : fast_length(static_cast<double>(n) / factor));
    if (coarse.back() < 8 || coarse.back() > n) return {};
  }
  return coarse;
}

std::vector<ClassicalCase> spectral_cases(const SimulationJob& job, double factor) {
  const SimulationDeck deck = with_settings(job, case_settings(job));
  const auto method = deck.physics->spectral_settings();
  if (method.empty() || deck.grid().is_sphere()) return {};
  const auto cells = spectral_cells(deck.grid().cells, factor);
  if (cells.empty() || cells == deck.grid().cells) return {};
  const std::vector<std::string> grid{cells_setting(cells)};
  std::vector<ClassicalCase> cases;
  add_case(job, {grid, method, {}}, factor, cases);
  // Settings that the deck names are its own method's: another scheme, a tolerance that is not there.
  if (!loosens_by_itself(deck)) return cases;
  const auto looser = own_looser_settings(cases.front().deck);
  if (!looser.empty()) add_case(job, {grid, method, looser}, factor, cases);
  return cases;
}

std::string no_spectral_runs(const SimulationJob& job) {
  const SimulationDeck deck = with_settings(job, case_settings(job));
  const int most = deck.physics->spectral_ranks();
  const auto some = [&](long long factor) {
    return !spectral_cases(job, static_cast<double>(factor)).empty();
  };
  if (job.comm.size() <= most || std::ranges::none_of(deck.compare.spectral, some)) return "";
  return core::format(
      "compare.spectral: spectral runs have {} rank{} at most, and these are {}; compare on so many "
      "for them, or give [] to do without",
      most, most == 1 ? "" : "s", job.comm.size());
}

namespace {

// The default asks for them wherever there are any, also where a resolved deck writes it out.
bool names_own_factors(const SimulationDeck& deck) {
  return deck.compare.spectral != CompareParams{}.spectral;
}

void add_spectral_cases(const SimulationJob& job, const SimulationDeck& deck,
                        std::vector<ClassicalCase>& cases) {
  const auto& factors = deck.compare.spectral;
  if (names_own_factors(deck) && !factors.empty() && deck.physics->spectral_settings().empty())
    throw core::UserError(core::format(
        "compare.spectral: asks for spectral runs, but app {} has no spectral method that serves "
        "this deck beside its own solver; leave it out, or give []",
        deck.app));
  for (const long long factor : factors) {
    auto spectral = spectral_cases(job, static_cast<double>(factor));
    // The default has factors for large grids, too.
    if (spectral.empty() && names_own_factors(deck))
      core::log::warn(
          "no spectral run with {} times coarser cells (compare.spectral): of {} too few would be "
          "left, or as many",
          factor, mesh::shape_text(deck.grid()));
    for (auto& one : spectral) {
      const auto same = [&](const ClassicalCase& c) { return c.name == one.name; };
      if (std::ranges::none_of(cases, same)) cases.push_back(std::move(one));
    }
  }
}

}  // namespace

std::vector<ClassicalCase> classical_cases(const SimulationJob& job) {
  const SimulationDeck deck = with_settings(job, case_settings(job));
  std::vector<ClassicalCase> cases;
  const auto looser = looser_settings(deck);
  for (const auto& one : looser) add_case(job, {{}, {}, {one}}, 1, cases);
  if (looser.size() > 1) add_case(job, {{}, {}, looser}, 1, cases);
  for (const long long factor : deck.compare.coarser) {
    auto coarser = coarser_cases(job, static_cast<double>(factor));
    if (coarser.empty() && asked_for_coarser(job))
      core::log::warn("no classical run with {} times coarser cells: of {} too few would be left",
                      factor, mesh::shape_text(deck.grid()));
    for (auto& one : coarser) cases.push_back(std::move(one));
  }
  add_spectral_cases(job, deck, cases);
  return cases;
}

}  // namespace understudy::apps
