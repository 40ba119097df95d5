#include "apps/deck/words.hpp"

#include <algorithm>
#include <cmath>

#include "core/format.hpp"

namespace understudy::apps {

std::string with_unit(const std::string& unit) {
  return unit.empty() || unit == "1" ? "" : " " + unit;
}

std::string in_unit(const std::string& unit) {
  const std::string text = with_unit(unit);
  return text.empty() ? "" : " in" + text;
}

std::string allowed_range(const core::Bounds& b, const std::string& unit) {
  std::string range;
  auto add = [&](const char* sign, double limit) {
    if (std::isinf(limit)) return;
    range += core::format("{}{} {:.12g}", range.empty() ? "" : " and ", sign, limit);
  };
  add(">=", b.at_least);
  add(">", b.above);
  add("<=", b.at_most);
  add("<", b.below);
  return (range.empty() ? "any number" : range) + with_unit(unit);
}

namespace {

// Words of the field and of other programs beside ours, in the order of preference.
struct Meaning {
  const char* word;  ///< as plain() leaves it
  std::vector<std::string> ours;
};

const std::vector<Meaning>& meanings() {
  static const std::vector<Meaning> all{
      // sides of a box
      {"noslip", {"wall"}},
      {"solid", {"wall"}},
      {"noslipwall", {"wall"}},
      {"movingwall", {"wall"}},
      {"lid", {"wall"}},
      {"fixed", {"wall"}},
      {"rigid", {"wall"}},
      {"adiabatic", {"wall", "insulated"}},
      {"isothermal", {"fixed"}},
      {"symmetry", {"slip", "free"}},
      {"symmetric", {"slip"}},
      {"symmetryplane", {"slip"}},
      {"mirror", {"slip"}},
      {"freeslip", {"slip"}},
      {"slipwall", {"slip"}},
      {"inviscidwall", {"slip"}},
      {"inlet", {"inflow"}},
      {"velocityinlet", {"inflow"}},
      {"dirichlet", {"inflow", "fixed"}},
      {"fixedvalue", {"inflow", "fixed"}},
      {"freestream", {"inflow"}},
      {"outlet", {"outflow"}},
      {"pressureoutlet", {"outflow"}},
      {"neumann", {"outflow", "insulated"}},
      {"zerogradient", {"outflow", "insulated"}},
      {"open", {"outflow", "absorbing"}},
      {"convective", {"outflow"}},
      {"advective", {"outflow"}},
      {"farfield", {"outflow", "absorbing"}},
      {"radiation", {"outflow", "absorbing"}},
      {"cyclic", {"periodic"}},
      {"wrap", {"periodic"}},
      {"pml", {"absorbing"}},
      {"cpml", {"absorbing"}},
      {"sponge", {"absorbing"}},
      {"freesurface", {"free"}},
      // numbers and schemes
      {"float64", {"double"}},
      {"fp64", {"double"}},
      {"f64", {"double"}},
      {"float", {"single"}},
      {"float32", {"single", "float32"}},
      {"fp32", {"single", "float32"}},
      {"f32", {"single", "float32"}},
      {"upwind", {"upwind3"}},
      {"quick", {"upwind3"}},
      {"centred", {"central"}},
      {"centered", {"central"}},
      {"circle", {"cylinder"}},
      {"rectangle", {"box"}},
      {"square", {"box"}},
      {"cube", {"box"}},
      {"ball", {"sphere"}},
      {"airfoil", {"naca"}},
      {"aerofoil", {"naca"}},
      {"mesh", {"stl", "grid"}},
      {"constantdensity", {"constant"}},
      {"uniform", {"homogeneous"}},
      {"constant", {"homogeneous", "uniform"}},
      {"lhs", {"latin_hypercube"}},
      {"adam", {"adamw"}},
      {"relu", {"silu"}},
      {"mg", {"multigrid"}},
      {"hybrid", {"gate"}},
      {"off", {"never", "none"}},
      {"on", {"always"}},
      // keys
      {"re", {"reynolds"}},
      {"reynoldsnumber", {"reynolds"}},
      {"nu", {"viscosity_m2_s"}},
      {"mu", {"viscosity_m2_s"}},
      {"kinematicviscosity", {"viscosity_m2_s"}},
      {"rho", {"density_kg_m3"}},
      {"dt", {"dt_s", "max_dt_s", "window_s"}},
      {"timestep", {"dt_s", "max_dt_s", "window_s"}},
      {"tend", {"end_s"}},
      {"endtime", {"end_s"}},
      {"tmax", {"end_s"}},
      {"duration", {"end_s"}},
      {"courant", {"cfl"}},
      {"nx", {"cells"}},
      {"resolution", {"cells"}},
      {"shape", {"cells"}},
      {"domain", {"grid"}},
      {"boundary", {"boundaries"}},
      {"bc", {"boundaries"}},
      {"bcs", {"boundaries"}},
      {"ic", {"initial"}},
      {"initialconditions", {"initial"}},
      {"obstacles", {"bodies"}},
      {"sensors", {"probes", "receivers"}},
      {"vp", {"p_speed_m_s"}},
      {"vs", {"s_speed_m_s"}},
      {"lr", {"learning_rate"}},
      {"batchsize", {"batch"}},
      {"layers", {"depth"}},
      {"hidden", {"width"}},
      {"optimizer", {"optimiser"}},
      {"iterations", {"steps"}},
      {"type", {"kind", "shape"}},
  };
  return all;
}

std::string plain(const std::string& word) {
  std::string text;
  for (const char c : word)
    if (c >= 'A' && c <= 'Z')
      text += static_cast<char>(c - 'A' + 'a');
    else if (c != ' ' && c != '-' && c != '_')
      text += c;
  return text;
}

}  // namespace

std::string synonym(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string said = plain(word);
  for (const std::string& candidate : candidates)
    if (plain(candidate) == said) return candidate;
  for (const Meaning& meaning : meanings())
    if (said == meaning.word)
      for (const std::string& ours : meaning.ours)
        if (std::ranges::find(candidates, ours) != candidates.end()) return ours;
  return "";
}

}  // namespace understudy::apps
