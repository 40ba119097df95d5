#include "apps/simulation/simulation_deck.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "apps/catalog.hpp"
#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_writer.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"

namespace understudy::apps {

void PictureRange::describe(core::ParamVisitor& v) {
  v.text("field", field, "name of the field or derived quantity");
  v.real("lower", lower, {}, "", "value of the lowest colour, in the field's unit");
  v.real("upper", upper, {}, "", "value of the highest colour, in the field's unit");
  v.require(!field.empty(), "field", "must name a field");
  v.require(upper > lower, "upper",
            core::format("is {}, which must exceed lower ({})", upper, lower));
}

void OutputParams::describe(core::ParamVisitor& v) {
  v.flag("vtk", vtk, "write fields.pvd and its pieces for ParaView at every output");
  v.texts("derived", derived, "derived quantities written beside the fields (vorticity...)");
  v.texts("pictures", pictures, "fields or derived quantities drawn as PNG at every output");
  v.list("ranges", ranges, "fixed colour ranges of pictures (others: the frame's own range)");
  v.flag("diagnostics", diagnostics, "write diagnostics.csv, one row a window");
}

void VariedParams::describe(core::ParamVisitor& v) {
  v.text("key", key, "full key of the number that varies, e.g. flow.reynolds");
  v.reals("values", values, 0, {}, "", "sampling grid: its values; or give from, to and count");
  v.real("from", from, {}, "", "lower end of its range; grid: first of count spaced values");
  v.real("to", to, {}, "", "upper end; grid: last of them");
  v.integer("count", count, {.at_least = 0, .at_most = 10000}, "sampling grid: how many");
  v.choice("scale", scale, {"linear", "log"}, "how the range from from to to is divided");
  v.require(!key.empty(), "key", "must name the key that varies, e.g. flow.reynolds");
  v.require(scale == "linear" || (values.empty() && from > 0 && to > 0), "scale",
            "log divides a range whose ends, from and to, are above 0");
}

double VariedParams::at(double x) const {
  return scale == "log" ? from * std::pow(to / from, x) : from + (to - from) * x;
}

std::vector<double> VariedParams::all() const {
  if (!values.empty()) return values;
  std::vector<double> spaced;
  for (int n = 0; n < count; ++n)
    spaced.push_back(n == 0           ? from
                     : n == count - 1 ? to
                                      : at(static_cast<double>(n) / (count - 1)));
  return spaced;
}

long long EnsembleParams::members() const {
  constexpr long long most = 1000000;
  if (!on_grid()) return std::min(most, static_cast<long long>(repeats) * samples);
  long long all = repeats;
  for (const auto& p : parameters)
    all = std::min(most, all * std::min(most, static_cast<long long>(p.all().size())));
  return all;
}

namespace {

// The keys of a grid and of drawn points, which say different things of the same ranges.
void require_ranges(core::ParamVisitor& v, const EnsembleParams& e) {
  for (const auto& p : e.parameters) {
    v.require(!e.on_grid() || p.values.empty() != (p.count == 0), "parameters",
              core::format("{}: give either values, or from, to and count", p.key));
    v.require(e.on_grid() || (p.values.empty() && p.count == 0 && p.from < p.to), "parameters",
              core::format("{}: with sampling {} give from and a larger to, and neither values nor "
                           "count (samples says how many)",
                           p.key, e.sampling));
  }
  v.require(!e.on_grid() || e.samples == 0, "samples",
            "is for drawn points; with sampling grid each parameter has its values or count");
  v.require(e.on_grid() || e.samples > 0, "samples",
            core::format("sampling {} needs the number of points to draw", e.sampling));
  v.require(e.on_grid() || !e.parameters.empty(), "parameters",
            core::format("sampling {} needs at least one parameter with its range", e.sampling));
  const int axes = static_cast<int>(e.parameters.size());
  v.require(e.sampling != "sobol" || axes <= core::Sobol::most_axes, "sampling",
            core::format("sobol takes up to {} parameters, and there are {}; latin_hypercube takes "
                         "any number",
                         core::Sobol::most_axes, axes));
}

void require_splits(core::ParamVisitor& v, const EnsembleParams& e) {
  const long long count = e.members();
  for (const auto n : e.validation)
    v.require(n < count, "validation", core::format("names member {}, but there are {}", n, count));
  for (const auto n : e.test)
    v.require(n < count, "test", core::format("names member {}, but there are {}", n, count));
  v.require(e.validation.empty() || e.validation_fraction == 0, "validation_fraction",
            "give either a fraction or the members (validation)");
  v.require(e.test.empty() || e.test_fraction == 0, "test_fraction",
            "give either a fraction or the members (test)");
  v.require(e.validation_fraction + e.test_fraction < 1, "test_fraction",
            core::format("with validation_fraction makes {:.6g}: none would be left to train on",
                         e.validation_fraction + e.test_fraction));
}

}  // namespace

void EnsembleParams::describe(core::ParamVisitor& v) {
  v.list("parameters", parameters, "the varied keys and their values or ranges");
  v.choice(
      "sampling", sampling, {"grid", "latin_hypercube", "sobol", "random"},
      "grid: all combinations of the values; the others draw samples points from the ranges, by "
      "the deck's seed");
  v.integer("samples", samples, {.at_least = 0, .at_most = 10000},
            "points drawn (sobol is best balanced at powers of 2)");
  v.integer("repeats", repeats, {.at_least = 1, .at_most = 1000},
            "members per combination or point, each with another disturbance of the initial state");
  v.real("spin_up_s", spin_up_s, {.at_least = 0}, "s",
         "simulated before recording starts (rounded up to whole windows)");
  v.integer("windows", windows, {.at_least = 1}, "windows recorded per member");
  v.integers("validation", validation, 0, {.at_least = 0},
             "members (from 0) held out for validation");
  v.integers("test", test, 0, {.at_least = 0}, "members (from 0) set aside for tests");
  v.real("validation_fraction", validation_fraction, {.at_least = 0, .below = 1}, "1",
         "part of the members held out for validation, drawn by the deck's seed");
  v.real("test_fraction", test_fraction, {.at_least = 0, .below = 1}, "1",
         "part of the members set aside for tests, drawn likewise");
  v.integer(
      "ranks_per_member", ranks_per_member, {.at_least = 0, .at_most = 1000000},
      "ranks that simulate one member together while other groups simulate others; 0: as few as "
      "leave no rank idle");
  const long long count = members();
  constexpr long long most = 10000;
  v.require(count <= most, "parameters",
            core::format("makes {} members or more; at most {} are made", count, most));
  require_ranges(v, *this);
  require_splits(v, *this);
}

void SwapSection::describe(core::ParamVisitor& v) {
  SwapParams::describe(v);
  const auto known = gate_names();
  std::string listed;
  for (const auto& name : known) listed += (listed.empty() ? "" : ", ") + name;
  for (const auto& name : gate.use)
    v.require(std::find(known.begin(), known.end(), name) != known.end(), "gate.use",
              core::format("names '{}', which is no gate; there are {}", name, listed));
  v.text("model", model, "model folder (empty: <out>/model)");
}

void ContenderParams::describe(core::ParamVisitor& v) {
  v.text("name", name, "names its folder and its rows in the report");
  v.texts("settings", settings,
          "settings (key=value) of the network and training sections, over the deck's own");
  const bool plain = !name.empty() && name.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-") == std::string::npos;
  v.require(plain, "name",
            core::format("is '{}'; it must be of letters, digits, _ and - only", name));
  for (const auto& setting : settings)
    v.require(setting.starts_with("network.") || setting.starts_with("training."), "settings",
              core::format("'{}' is no setting of the network or training section", setting));
}

void SettingParams::describe(core::ParamVisitor& v) {
  v.text("key", key, "full key of a number, e.g. flow.reynolds");
  v.real("value", value, {}, "", "its value in the comparison");
  v.require(!key.empty(), "key", "must name a key, e.g. flow.reynolds");
}

void CompareParams::describe(core::ParamVisitor& v) {
  v.list("parameters", parameters, "the case to compare on: keys set for it");
  v.flag("allow_trained", allow_trained, "allow a case that is a member of the ensemble");
  v.real("spin_up_s", spin_up_s, {.at_least = 0}, "s",
         "simulated before both start from the same state (rounded up to whole windows)");
  v.integer("windows", windows, {.at_least = 1}, "windows compared");
  v.integer("warm_up_windows", warm_up_windows, {.at_least = 0, .at_most = 100},
            "windows run and discarded before anything is timed");
  v.integer("block_windows", block_windows, {.at_least = 1, .at_most = 1000},
            "windows that each side advances in a row before it is the other's turn; a copy of the "
            "state is kept for each of them");
  v.integers("coarser", coarser, 0, {.at_least = 2, .at_most = 64},
             "classical runs with the cells divided by these, for the equal-error speed-up");
  v.texts(
      "looser", looser,
      "settings (key=value) of looser classical runs for the equal-error speed-up, alone, together "
      "and on the coarser grids; auto: single precision and what the app can loosen");
  v.texts("pictures", pictures, "pictured quantities (empty: the app's own choice)");
  v.integer("picture_count", picture_count, {.at_least = 0, .at_most = 50}, "times pictured");
  v.integer(
      "spectra_every", spectra_every, {.at_least = 0},
      "windows between energy spectra (over shells of |k| in a periodic 2-D box, along x elsewhere); "
      "0: none");
}

void StudyDeck::describe_simulation(core::ParamVisitor& v) {
  v.choice("app", app, domain_names(), "the domain app: which physics");
  v.require(!app.empty(), "app", "is required: which physics to solve");
  v.choice("precision", precision, {"double", "single"}, "of the solver's fields");
  v.integer("seed", seed, {.at_least = 0}, "of everything random: disturbances, training");
  v.group("grid", grid, "the box and its cells");
  const std::size_t axes = grid.cells.size();
  v.require(
      grid.lower_m.size() == axes && grid.upper_m.size() == axes, "grid",
      core::format("cells has {} entries, lower_m {} and upper_m {}; each must have one per axis",
                   axes, grid.lower_m.size(), grid.upper_m.size()));
  v.group("time", time, "duration, windows, checkpoints");
  if (!domain || domain->name() != app) domain = make_domain(app.empty() ? domain_names()[0] : app);
  v.group(domain->name().c_str(), *domain, domain->summary().c_str());
}

void StudyDeck::describe(core::ParamVisitor& v) {
  describe_simulation(v);
  v.group("output", output, "what a run writes");
  v.group("ensemble", ensemble, "the simulations of the dataset (generate)");
  v.group("network", network, "the surrogate's network (train)");
  v.group("training", training, "how it is trained (train)");
  v.group("swap", swap, "who advances a run: simulation or surrogate (run, compare)");
  describe_sub_models(v, sub_models, domain->process_names());
  v.group("compare", compare, "simulation against its replacement (compare)");
  v.list("contenders", contenders,
         "more models, trained on the same data and compared side by side (train, compare)");
  for (std::size_t n = 0; n < contenders.size(); ++n)
    for (std::size_t m = 0; m < n; ++m)
      v.require(contenders[n].name != contenders[m].name, "contenders",
                core::format("has two of the name '{}'", contenders[n].name));
}

StudyDeck read_study(const DeckTree& tree) {
  StudyDeck deck;
  deck.directory = tree.directory;
  deck.name = std::filesystem::path(tree.name).stem().string();
  read_deck(tree, deck);
  return deck;
}

namespace {

struct SimulationPart {
  StudyDeck& deck;
  void describe(core::ParamVisitor& v) { deck.describe_simulation(v); }
};

// Walks a described struct to one number.
class LookUp : public core::ParamVisitor {
 public:
  explicit LookUp(std::string key) : wanted_(std::move(key)) {}
  bool found = false;
  double value = 0;
  std::string unit, numbers;

  void real(const char* key, double& v, core::Bounds, const char* u, const char*) override {
    note(key, v, u);
  }
  using core::ParamVisitor::integer;
  void integer(const char* key, long long& v, core::Bounds, const char*) override {
    note(key, static_cast<double>(v), "1");
  }
  void flag(const char*, bool&, const char*) override {}
  void text(const char*, std::string&, const char*) override {}
  void choice(const char*, std::string&, std::vector<std::string>, const char*) override {}
  void reals(const char* key, std::vector<double>& v, std::size_t, core::Bounds, const char* u,
             const char*) override {
    for (std::size_t n = 0; n < v.size(); ++n) note(core::format("{}.{}", key, n), v[n], u);
  }
  void integers(const char*, std::vector<long long>&, std::size_t, core::Bounds,
                const char*) override {}
  void texts(const char*, std::vector<std::string>&, const char*) override {}
  void require(bool, const char*, const std::string&) override {}

 protected:
  bool begin_group(const char* key, const char*) override {
    outer_.push_back(path(key));
    return true;
  }
  void end_group() override { outer_.pop_back(); }
  std::size_t begin_list(const char* key, std::size_t size, const char*) override {
    outer_.push_back(path(key));
    return size;
  }
  void begin_item(std::size_t n) override { outer_.push_back(path(std::to_string(n))); }
  void end_item() override { outer_.pop_back(); }
  void end_list() override { outer_.pop_back(); }

 private:
  std::string path(const std::string& key) const {
    return outer_.empty() ? key : outer_.back() + "." + key;
  }
  void note(const std::string& key, double v, const std::string& u) {
    if (path(key) != wanted_) return;
    found = true;
    value = v;
    unit = u;
  }
  std::string wanted_;
  std::vector<std::string> outer_;
};

}  // namespace

std::string simulation_text(StudyDeck& deck) {
  SimulationPart part{deck};
  return write_deck(part);
}

surrogates::NamedValue look_up(StudyDeck& deck, const std::string& key) {
  LookUp visitor(key);
  SimulationPart part{deck};
  part.describe(visitor);
  if (!visitor.found)
    throw core::UserError(core::format(
        "'{}' is not a number of this deck's simulation (app, grid, time, {} sections)", key,
        deck.app));
  return {key, visitor.unit, visitor.value};
}

std::vector<surrogates::NamedValue> network_parameters(StudyDeck& deck) {
  std::vector<std::string> keys = deck.domain->parameter_keys();
  for (const auto& varied : deck.ensemble.parameters)
    if (std::find(keys.begin(), keys.end(), varied.key) == keys.end()) keys.push_back(varied.key);
  std::vector<surrogates::NamedValue> values;
  for (const auto& key : keys) values.push_back(look_up(deck, key));
  return values;
}

}  // namespace understudy::apps
