// A model of points that was trained elsewhere becomes a model folder; point_model.hpp says how.
#include <ATen/ATen.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/sampling.hpp"
#include "surrogates/network/program_engines.hpp"
#include "surrogates/network/trusted_programs.hpp"
#include "surrogates/points/torch_point_model.hpp"

namespace understudy::surrogates {

namespace {

// The middle of the range, normalised; and a batch around it.
at::Tensor probe(const PointCard& card, std::int64_t points) {
  at::Tensor rows = at::empty({points, static_cast<std::int64_t>(card.inputs.size())}, at::kDouble);
  for (std::size_t c = 0; c < card.inputs.size(); ++c) {
    const ColumnCard& k = card.inputs[c];
    const bool ranged = k.highest > k.lowest;
    const double low = ranged ? k.lowest : k.mean - k.std,
                 high = ranged ? k.highest : k.mean + k.std;
    for (std::int64_t n = 0; n < points; ++n)
      rows[n][static_cast<std::int64_t>(c)] =
          low + (high - low) * (static_cast<double>(n) + 0.5) / static_cast<double>(points);
  }
  const at::Tensor x = normalised(card.inputs, rows);
  return card.precision == "float64" ? x.to(at::kDouble) : x;
}

// A model that takes one batch size only is of no use here: the gate packs batches of any size.
void try_out(const PointCard& card, PointEngine& engine, const std::string& file) {
  for (const std::int64_t points : {std::int64_t{1}, std::int64_t{5}}) {
    const at::Tensor y = engine.predict(probe(card, points));
    if (!at::isfinite(y).all().item<bool>())
      throw core::UserError(core::format(
          "{} gives values that are not finite in the middle of the card's ranges", file));
  }
}

at::Tensor rows_of(const std::vector<double>& values, long long rows) {
  return at::from_blob(const_cast<double*>(values.data()),
                       {rows, static_cast<std::int64_t>(values.size()) / rows}, at::kDouble);
}

// The model's own training data are not ours: half of the given points are kept for the distance, the
// other half calibrate. Ranges that the card does not give are those of the first half.
at::Tensor calibrate_on(const PointImport& from, PointCard& card, PointEngine& engine) {
  const PointDataset data = read_points(from.reference);
  const std::string where = "points in " + from.reference.string();
  require_columns(card.input_columns(), data.info.inputs, "input", where);
  require_columns(card.output_columns(), data.info.outputs, "output", where);
  const long long half = data.points / 2;
  if (half < 1) throw core::UserError(where + ": there are too few of them to calibrate a gate");
  require_enough(data.points - half, from.calibration.quantile);
  const auto order = core::epoch_order(data.points, static_cast<std::uint64_t>(from.seed), 0x5eed);
  const at::Tensor places = at::tensor(order, at::kLong);
  const at::Tensor inputs = rows_of(data.inputs, data.points).index_select(0, places);
  const at::Tensor outputs = rows_of(data.outputs, data.points).index_select(0, places);
  const auto envelope = [&](std::vector<ColumnCard>& columns, const at::Tensor& rows) {
    std::vector<ColumnCard> seen = columns;
    fit_columns(seen, rows);
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].lowest >= columns[c].highest) {
        columns[c].lowest = seen[c].lowest;
        columns[c].highest = seen[c].highest;
      }
  };
  envelope(card.inputs, inputs.narrow(0, 0, half));
  envelope(card.outputs, outputs.narrow(0, 0, half));
  const at::Tensor x = normalised(card.inputs, inputs), y = normalised(card.outputs, outputs);
  const std::int64_t rest = data.points - half;
  measure_errors(card, engine, x.narrow(0, half, rest), y.narrow(0, half, rest));
  card.dataset_hash = data.hash;
  return calibrate(card, engine,
                   {x.narrow(0, 0, half), x.narrow(0, half, rest), y.narrow(0, half, rest),
                    from.calibration, from.seed});
}

// A range of some inputs only would have the gate reject every point, or test less than it says.
void require_ranges(const PointCard& card, bool reference) {
  std::string missing;
  std::size_t count = 0;
  for (const ColumnCard& c : card.inputs) {
    if (c.lowest > c.highest)
      throw core::UserError(core::format("input '{}': lowest ({}) is above highest ({})", c.name,
                                         c.lowest, c.highest));
    if (c.lowest < c.highest) continue;
    missing += core::format("{}'{}'", missing.empty() ? "" : ", ", c.name);
    ++count;
  }
  if (reference || count == 0 || count == card.inputs.size()) return;
  throw core::UserError(core::format(
      "the card gives a range (lowest, highest) for some inputs and none for {}; give all of them, "
      "none, or a reference dataset that they are taken from",
      missing));
}

}  // namespace

void trust_point_model(const std::filesystem::path& folder) {
  const PointCard card = read_point_card(folder);
  if (card.imported.empty())
    throw core::UserError(core::format(
        "the model in {} is no program: there is nothing that would have to be trusted",
        folder.string()));
  const auto file = folder / std::filesystem::path(card.imported).filename();
  trust_program(core::read_file(file), file);
}

PointCard import_point_model(const PointImport& from, const std::filesystem::path& folder) {
  set_up_torch();
  PointCard card = from.card;
  require_valid({card.name, card.input_columns(), card.output_columns()});
  require_ranges(card, !from.reference.empty());
  const std::string bytes = core::read_file(from.file);
  card.imported = program_file(card.engine);
  card.imported_hash = core::sha256(bytes).substr(0, 16);
  card.members = 1;
  card.gate = {};
  card.validation.clear();
  const auto engine = make_imported_engine(card, from.file, bytes);
  try_out(card, *engine, from.file.string());
  at::Tensor reference = at::zeros({0, static_cast<std::int64_t>(card.inputs.size())}, at::kFloat);
  if (!from.reference.empty()) reference = calibrate_on(from, card, *engine);
  core::make_folder(folder, "model folder");
  trust_program(bytes, folder / card.imported);
  core::write_file(folder / card.imported, bytes);
  save_point_weights(folder, card, {}, reference);
  core::write_file(folder / "README.md", point_readme(card));
  return card;
}

}  // namespace understudy::surrogates
