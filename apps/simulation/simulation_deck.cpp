#include "apps/simulation/simulation_deck.hpp"

#include <algorithm>
#include <filesystem>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_writer.hpp"
#include "apps/deck/look_up.hpp"
#include "apps/simulation/gate_catalog.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "core/names.hpp"

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
  v.flag("vtk", vtk, "write files for ParaView at every output, as format says");
  v.choice(
      "format", format, {"vtk", "vtkhdf"},
      "vtk: fields.pvd over a file an output and rank; vtkhdf: fields.vtkhdf, one file of all outputs "
      "and ranks, of a box");
  v.integer("compression", compression, {.at_least = 0, .at_most = 9},
            "vtkhdf: zlib's level; 0: not compressed");
  v.choice(
      "vtk_data", vtk_data, {"cell", "point"},
      "where the values of a box stand: in its cells, or at their corners as the mean of the cells there");
  v.texts("derived", derived, "derived quantities written beside the fields (vorticity...)");
  v.texts("pictures", pictures, "fields or derived quantities drawn as PNG at every output");
  v.list("ranges", ranges, "fixed colour ranges of pictures (others: the frame's own range)");
  v.flag("diagnostics", diagnostics, "write diagnostics.csv, one row a window");
  v.flag(
      "netcdf", netcdf,
      "write fields.nc at every output: the fields of a sphere on a longitude-latitude grid, with "
      "CF attributes, conservative for scalars");
  v.integer(
      "latitudes", latitudes, {.at_least = 0, .at_most = 20000},
      "netcdf: cells along a meridian, half of those along a parallel; 0: twice the cells along "
      "a panel's edge");
  v.group("statistics", statistics, "averages over time, from a start on (run)");
}

void SwapSection::describe(core::ParamVisitor& v) {
  SwapParams::describe(v);
  for (const auto& name : gate.use)
    v.require(
        std::ranges::find(gates, name) != gates.end(), "gate.use",
        core::format("names '{}', which is no gate; there are {}", name, core::joined(gates)));
  v.text("model", model, "model folder, from the deck's folder on (empty: <out>/model)");
}

SimulationDeck::SimulationDeck(std::shared_ptr<Physics> of)
    : physics(std::move(of)),
      sub_models(physics->process_names()),
      assimilation(physics->unknown_kinds()) {
  swap.gates = gate_names(*physics);
}

void SimulationDeck::describe_simulation(core::ParamVisitor& v) {
  v.choice("app", app, {physics->name()}, "the domain app: which physics");
  v.require(!app.empty(), "app", "is required: which physics to solve");
  v.choice("precision", precision, {"double", "single"}, "of the solver's fields");
  v.integer("seed", seed, {.at_least = 0}, "of everything random: disturbances, training");
  physics->describe_grid(v);
  v.group("time", time, "duration, windows, checkpoints");
  v.group(physics->name().c_str(), *physics, physics->summary().c_str());
}

// Waves on a sphere are no rows of cells.
static void require_spectra(core::ParamVisitor& v, const SimulationDeck& deck) {
  v.require(
      !deck.grid().is_sphere() || deck.compare.equal != "spectra", "compare.equal",
      "is spectra, and this grid is a sphere, of which there are none; they are taken in boxes");
}

// The axis is one of the grid's, and there are windows to average over.
static void require_profiles(core::ParamVisitor& v, const SimulationDeck& deck) {
  const ProfilesParams& profiles = deck.compare.profiles;
  if (profiles.axis.empty()) return;
  v.require(
      !deck.grid().is_sphere(), "compare.profiles.axis",
      core::format(
          "is {}, and this grid is a sphere, which has no such axis; profiles are taken in boxes",
          profiles.axis));
  const bool plane = deck.grid().dimension() < 3;
  const bool known =
      profiles.axis == "x" || profiles.axis == "y" || (!plane && profiles.axis == "z");
  v.require(deck.grid().is_sphere() || known, "compare.profiles.axis",
            core::format("is '{}'; the axes of this grid are {}", profiles.axis,
                         plane ? "x and y" : "x, y and z"));
  const double compared_s = deck.compare.windows * deck.time.window_s;
  v.require(profiles.from_s <= compared_s, "compare.profiles.from_s",
            core::format("is {} s after the start, and {} s are compared: there would be no window",
                         profiles.from_s, compared_s));
}

void SimulationDeck::describe(core::ParamVisitor& v) {
  describe_simulation(v);
  v.group("output", output, "what a run writes");
  v.require(
      !output.netcdf || grid().is_sphere(), "output.netcdf",
      "is true, and this grid is a box; NetCDF is written of spheres (output.vtk writes both)");
  v.require(output.vtk_data == "cell" || !grid().is_sphere(), "output.vtk_data",
            "is point, and this grid is a sphere, whose values stand in its cells");
  v.require(output.format == "vtk" || !grid().is_sphere(), "output.format",
            "is vtkhdf, and this grid is a sphere; vtkhdf is written of boxes, vtk of both");
  v.require(output.compression == 0 || output.format == "vtkhdf", "output.compression",
            core::format("is {}, and output.format is {}, whose files are always compressed",
                         output.compression, output.format));
  v.require(!output.statistics.enabled() || output.statistics.from_s < time.end_s,
            "output.statistics.from_s",
            core::format("is {} s, and the run ends at {} s: there would be no sample",
                         output.statistics.from_s, time.end_s));
  v.require(output.latitudes != 1, "output.latitudes", "is 1; at least 2 are wanted, or 0");
  v.group("ensemble", ensemble, "the simulations of the dataset (generate)");
  v.group("network", network, "the surrogate's network (train)");
  v.group("training", training, "how it is trained (train)");
  v.group("swap", swap, "who advances a run: simulation or surrogate (run, compare)");
  if (!sub_models.of.empty())
    v.group("sub_models", sub_models,
            "what computes a process of the solver (run; the replacement of compare)");
  if (!assimilation.of.empty())
    v.group("assimilation", assimilation,
            "numbers and initial state from samples in space and time (invert)");
  v.group("compare", compare, "simulation against its replacement (compare)");
  require_profiles(v, *this);
  require_spectra(v, *this);
  v.list("contenders", contenders,
         "more models, trained on the same data and compared side by side (train, compare)");
  v.group("publication", publication, "what is said of the results when they are passed on");
  constexpr double most_windows = 1e9;
  for (const auto& [key, spin_up_s] : {std::pair{"ensemble.spin_up_s", ensemble.spin_up_s},
                                       std::pair{"compare.spin_up_s", compare.spin_up_s}})
    v.require(spin_up_s / time.window_s <= most_windows, key,
              core::format("is {} s: more than {:.4g} windows of {} s", spin_up_s, most_windows,
                           time.window_s));
  for (std::size_t n = 0; n < contenders.size(); ++n)
    for (std::size_t m = 0; m < n; ++m)
      v.require(!core::same_name(contenders[n].name, contenders[m].name), "contenders",
                core::format("has two of the name '{}' (case does not count)", contenders[n].name));
}

SimulationDeck read_simulation_deck(const DeckTree& tree, const MakePhysics& make) {
  SimulationDeck deck(make());
  deck.directory = tree.directory;
  deck.name = std::filesystem::path(tree.name).stem().string();
  read_deck(tree, deck);
  return deck;
}

namespace {

struct SimulationPart {
  SimulationDeck& deck;
  void describe(core::ParamVisitor& v) { deck.describe_simulation(v); }
};

}  // namespace

std::string simulation_text(SimulationDeck& deck) {
  SimulationPart part{deck};
  return write_deck(part);
}

surrogates::NamedValue look_up(SimulationDeck& deck, const std::string& key) {
  SimulationPart part{deck};
  const auto found = number_of(part, key);
  if (!found)
    throw core::UserError(core::format(
        "'{}' is not a number of this deck's simulation (app, grid, time, {} sections)", key,
        deck.app));
  return *found;
}

std::vector<surrogates::NamedValue> network_parameters(SimulationDeck& deck) {
  std::vector<std::string> keys = deck.physics->parameter_keys();
  for (const auto& varied : deck.ensemble.parameters)
    if (std::find(keys.begin(), keys.end(), varied.key) == keys.end()) keys.push_back(varied.key);
  std::vector<surrogates::NamedValue> values;
  for (const auto& key : keys) values.push_back(look_up(deck, key));
  return values;
}

}  // namespace understudy::apps
