#include "apps/simulation/comparison_report.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "apps/deck/deck_writer.hpp"
#include "apps/simulation/outputs.hpp"
#include "apps/study/csv_series.hpp"
#include "core/atomic_file.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

void add_what_was_run(const ComparisonRecord& record, ReportData& data) {
  const SimulationJob& job = record.job;
  const auto torch = surrogates::torch_info();
  data.title = job.deck.name;
  data.verb = job.verb;
  data.app = job.deck.app;
  data.deck_path = job.tree.name;
  data.deck_text = job.provenance.deck;
  data.deck_hash = job.provenance.deck_hash;
  data.version = job.provenance.version;
  data.git = job.provenance.git;
  data.started = job.provenance.started;
  data.command = job.provenance.command;
  data.hardware = {.cpu = job.provenance.cpu,
                   .host = job.provenance.host,
                   .ranks = job.comm.size(),
                   .threads = core::Runtime::threads(),
                   .kokkos_backend = core::Runtime::backend(),
                   .torch_version = torch.version,
                   .torch_device = torch.device,
                   .torch_precision = record.card.name.empty() ? "" : record.card.network.precision,
                   .torch_threads = torch.threads,
                   .precision = job.deck.precision};
  std::string text;
  for (const auto& p : network_parameters(record.deck))
    text += core::format("{}{} = {:.6g}{}", text.empty() ? "" : ", ", p.name, p.value,
                         p.unit.empty() || p.unit == "1" ? "" : " " + p.unit);
  if (text.empty()) text = record.deck.physics->realisation();
  if (text.empty()) text = "the deck's case";
  data.case_text = text + standing_text(record);
  data.provenance = {{"compiler", job.provenance.compiler},
                     {"dataset hash", record.card.dataset_hash},
                     {"seed", std::to_string(job.deck.seed)}};
  data.warnings = record.warnings;
}

void add_costs(const ComparisonRecord& record, ReportData& data) {
  const auto& r = record.result;
  data.data_core_s = record.card.cost.data_core_s;
  data.training_core_s = record.card.cost.training_core_s;
  const bool guarded = record.deck.swap.policy == "gate";
  data.calibration_core_s = guarded ? record.card.calibration.core_s : 0;
  data.costs = {
      {core::format("data: {} simulations", record.members), unknown, data.data_core_s,
       "with their spin-up"},
      {"training", unknown, data.training_core_s, ""},
      {"calibration of the gates", unknown, record.card.calibration.core_s,
       guarded ? "" : "counts under guard only"},
      {"one simulation of the compared span", r.truth_wall_s, r.truth_wall_s * r.cores, ""},
      {"one replacement of it", r.replacement_wall_s, r.replacement_wall_s * r.cores,
       r.replacement_failed ? "it failed" : ""}};
}

void add_energy(const ComparisonRecord& record, ReportData& data) {
  const auto& r = record.result;
  const auto &truth = r.truth_energy_j, &other = r.replacement_energy_j;
  if (truth.known && other.known)
    data.energy = core::format(
        "Energy over the timed windows: simulation {:.3g} J, replacement {:.3g} J (counters: {}; "
        "whatever else ran there is counted too).",
        truth.value, other.value, r.energy_sources);
  else if (!truth.reason.empty())
    data.energy = core::format("Energy: not available ({}).", truth.reason);
}

void add_quantities(const ComparisonRecord& record, ReportData& data) {
  const auto& r = record.result;
  const double start_s = r.times_s.empty() ? 0 : r.times_s.front();
  const auto& physics = *record.deck.physics;
  const auto truth = side_series(r, true), other = side_series(r, false);
  const auto truth_q = physics.quantities(truth, start_s),
             other_q = physics.quantities(other, start_s);
  for (std::size_t n = 0; n < truth_q.size(); ++n) {
    ReportMetric metric;
    metric.name = truth_q[n].name;
    metric.unit = truth_q[n].unit;
    metric.truth = truth_q[n].value;
    // A side that shows no oscillation has no number of samples: quantities go by their names.
    const auto other_of = std::ranges::find(other_q, metric.name, &Quantity::name);
    if (other_of != other_q.end()) metric.replacement = other_of->value;
    metric.note = truth_q[n].note;
    metric.scale = truth_q[n].scale;
    data.metrics.push_back(metric);
  }
  if (const auto period = physics.period(truth, start_s)) {
    data.periods = data.horizon_s() / period->value;
    data.period_name = period->name;
  }
  data.portraits = physics.portraits();
}

using Slices = std::vector<mesh::Slice>;

/// Unknown where the mask of the same plane, if there is one, has a body.
mesh::Slice unmasked(mesh::Slice slice, const Slices& masks) {
  const auto mask = std::ranges::find(masks, slice.normal, &mesh::Slice::normal);
  if (mask == masks.end()) return slice;
  for (std::size_t n = 0; n < mask->values.size() && n < slice.values.size(); ++n)
    if (mask->values[n] < 0.5) slice.values[n] = unknown;
  return slice;
}

ReportPicture picture(mesh::Slice slice, const Slices& masks, mesh::PictureStyle style) {
  slice = unmasked(std::move(slice), masks);
  const auto range = mesh::colour_range(slice, style);
  style.lower = range.lower;
  style.upper = range.upper;
  return {mesh::png_bytes(slice, style), style.colour_map, range.lower, range.upper};
}

// One range a quantity over all times and planes, so that colours mean the same from row to row.
struct PictureRanges {
  mesh::ColourRange truth, difference;
};

void widen(mesh::ColourRange& range, const mesh::ColourRange& other, bool first) {
  range.lower = first ? other.lower : std::min(range.lower, other.lower);
  range.upper = first ? other.upper : std::max(range.upper, other.upper);
}

mesh::Slice difference_of(const surrogates::Snapshot& shot) {
  mesh::Slice difference = shot.replacement;
  for (std::size_t n = 0; n < difference.values.size(); ++n)
    difference.values[n] -= shot.truth.values[n];
  return difference;
}

std::map<std::string, PictureRanges> ranges_of(const ComparisonRecord& record) {
  std::map<std::string, PictureRanges> ranges;
  for (const auto& shot : record.result.snapshots) {
    const bool first = !ranges.contains(shot.name);
    PictureRanges& r = ranges[shot.name];
    widen(r.truth,
          mesh::colour_range(unmasked(shot.truth, record.masks),
                             picture_style(record.deck.output, shot.name)),
          first);
    widen(r.difference, mesh::colour_range(unmasked(difference_of(shot), record.masks), {}), first);
  }
  return ranges;
}

void add_pictures(const ComparisonRecord& record, ReportData& data) {
  const auto ranges = ranges_of(record);
  for (const auto& shot : record.result.snapshots) {
    ReportPictureRow row;
    row.field = shot.name;
    row.unit = shot.unit;
    row.plane = picture_plane(shot.truth);
    row.time_s = shot.time_s;
    const PictureRanges& range = ranges.at(shot.name);
    mesh::PictureStyle style = picture_style(record.deck.output, shot.name);
    style.lower = range.truth.lower;  // both sides in the truth's colours
    style.upper = range.truth.upper;
    row.truth = picture(shot.truth, record.masks, style);
    row.replacement = picture(shot.replacement, record.masks, style);
    style.lower = range.difference.lower;
    style.upper = range.difference.upper;
    row.difference = picture(difference_of(shot), record.masks, style);
    data.pictures.push_back(std::move(row));
  }
}

void add_modes(const ComparisonRecord& record, ReportData& data) {
  data.mode_count = record.modes.modes;
  for (std::size_t c = 0; c < record.modes.channels.size(); ++c) {
    const surrogates::ChannelModes& channel = record.modes.channels[c];
    mesh::PictureStyle style;
    ReportModes out;
    out.field = channel.field;
    out.unit = channel.unit;
    out.rel_l2 = channel.rel_l2;
    out.truth = picture(channel.truth, record.masks, style);
    for (const auto& mode : channel.modes) out.modes.push_back(picture(mode, record.masks, style));
    style.lower = out.truth.lower;  // whole states in one range of colours
    style.upper = out.truth.upper;
    out.mean = picture(channel.mean, record.masks, style);
    out.sum = picture(channel.sum, record.masks, style);
    if (c < record.card.reconstruction.size()) {
      out.model = record.card.reconstruction[c].model;
      out.pod = record.card.reconstruction[c].pod;
    }
    data.modes.push_back(std::move(out));
  }
}

void add_training(const ComparisonRecord& record, ReportData& data) {
  const auto path = record.job.out / "training.csv";
  if (!std::filesystem::exists(path)) return;
  const CsvTable table = read_csv(path);
  auto column = [&](const std::string& name) {
    std::vector<double> values;
    const auto at = std::ranges::find(table.columns, name);
    if (at != table.columns.end())
      for (const auto& row : table.rows) values.push_back(row[at - table.columns.begin()]);
    return values;
  };
  data.training = ReportTraining{column("epoch"), column("loss"), column("validation_rel_l2")};
}

void add_contenders(const ComparisonRecord& record, ReportData& data) {
  if (record.contenders.empty()) return;
  data.contenders.push_back({"the replacement", record.card, record.result});
  for (const auto& c : record.contenders) data.contenders.push_back({c.name, c.card, c.result});
}

void add_card(const ComparisonRecord& record, ReportData& data) {
  surrogates::ModelCard card = record.card;
  if (card.name.empty()) return;
  data.model_card_yaml = write_deck(card);
  data.model_verdict = surrogates::model_verdict(card);
  data.model_card = {{"network", card.network.kind},
                     {"weights", std::to_string(card.weight_count)},
                     {"window", core::format("{} s", card.window_s)},
                     {"epochs", std::to_string(card.epochs)},
                     {"trained", card.created + " on " + card.host}};
  for (const auto& p : card.parameters)
    data.model_card.push_back(
        {p.name, core::format("{:.6g} to {:.6g} in training", p.lowest, p.highest)});
  for (const auto& v : card.validation)
    data.model_card.push_back(
        {"validation of " + v.field,
         core::format("{:.3g} after one window, {:.3g} over {} windows (persistence {:.3g})",
                      v.rel_l2_one_window, v.rel_l2_rollout, card.rollout_windows,
                      v.persistence_rollout)});
}

// The simulation's own errors, a column a judged field; the start is both sides'.
struct TruthColumns {
  const surrogates::TruthError& own;

  std::string head() const {
    if (!own.known()) return "";
    std::string text;
    for (const auto& field : own.fields) text += core::format(",{} truth_rel_l2", field);
    if (!own.correlation.quantity.empty())
      text += core::format(",{} truth_correlation", own.correlation.quantity);
    return text;
  }

  std::string row(std::size_t window) const {
    if (!own.known()) return "";
    std::string text;
    for (const auto& errors : own.errors)
      text += core::format(",{}", window == 0 ? 0.0 : errors.at(window - 1));
    if (!own.correlation.quantity.empty())
      text += core::format(",{}", own.correlation.values.at(window));
    return text;
  }
};

}  // namespace

std::vector<TimeSeries> side_series(const surrogates::ComparisonResult& result, bool truth) {
  std::vector<TimeSeries> series;
  for (const auto& d : result.diagnostics)
    series.push_back({d.name, d.unit, d.kind, result.times_s, truth ? d.truth : d.replacement});
  return series;
}

ReportData make_report(const ComparisonRecord& record) {
  ReportData data(record.result);
  add_what_was_run(record, data);
  data.windows = record.deck.compare.windows;
  data.window_s = record.deck.time.window_s;
  data.swap_policy = record.deck.swap.policy;
  add_costs(record, data);
  add_energy(record, data);
  data.machine = record.machine;
  data.backends = record.backends;
  add_quantities(record, data);
  add_pictures(record, data);
  add_modes(record, data);
  add_training(record, data);
  add_contenders(record, data);
  add_card(record, data);
  for (const auto& text : record.sub_models)
    data.model_verdict += (data.model_verdict.empty() ? "" : "; ") + text;
  data.method_notes = method_notes(record);
  return data;
}

void write_comparison_csv(const std::filesystem::path& path,
                          const surrogates::ComparisonResult& r) {
  std::string text = "time_s";
  for (const auto& e : r.errors) {
    text += core::format(",{0} rel_l2,{0} persistence", e.field);
    if (!e.climatology.empty()) text += core::format(",{} climatology", e.field);
  }
  const bool correlated = !r.correlation.quantity.empty();
  if (correlated) text += core::format(",{} correlation", r.correlation.quantity);
  const TruthColumns truth{r.truth_error};
  text += truth.head();
  for (const auto& d : r.diagnostics)
    text += core::format(",{0} simulation,{0} replacement", d.name);
  text += '\n';
  for (std::size_t n = 0; n < r.times_s.size(); ++n) {
    text += core::format("{}", r.times_s[n]);
    for (const auto& e : r.errors) {
      text += core::format(",{},{}", e.rel_l2[n], e.persistence[n]);
      if (!e.climatology.empty()) text += core::format(",{}", e.climatology[n]);
    }
    if (correlated) text += core::format(",{}", r.correlation.values[n]);
    text += truth.row(n);
    for (const auto& d : r.diagnostics)
      text += core::format(",{},{}", d.truth[n], d.replacement[n]);
    text += '\n';
  }
  core::write_file(path, text);
}

void write_profiles_csv(const std::filesystem::path& path, const surrogates::ComparisonResult& r,
                        const std::vector<ContenderResult>& contenders) {
  struct Column {
    std::string name;
    const std::vector<double>& values;
  };
  std::vector<Column> columns;
  const auto add = [&](const std::string& field, const std::string& side,
                       const surrogates::ProfileMoments& moments) {
    columns.push_back({field + " " + side + " mean", moments.mean});
    columns.push_back({field + " " + side + " variance", moments.variance});
  };
  // The replacement may have failed before the first of their windows, and a contender not.
  const surrogates::ComparisonResult* any = &r;
  for (const ContenderResult& c : contenders)
    if (any->profiles.empty()) any = &c.result;
  if (any->profiles.empty()) return;
  for (std::size_t n = 0; n < any->profiles.size(); ++n) {
    const surrogates::Profile& p = any->profiles[n];
    columns.push_back({core::format("{} {}_m", p.name, "xyz"[any->profile_axis]), p.at_m});
    if (!r.profiles.empty()) {
      add(p.name, "simulation", p.truth);
      add(p.name, "replacement", p.replacement);
    }
    for (const ContenderResult& c : contenders) {
      if (n >= c.result.profiles.size()) continue;
      add(p.name, c.name, c.result.profiles[n].replacement);
      // One that failed, or outlasted the replacement: its windows are others.
      if (r.profiles.empty() || c.result.profile_windows != r.profile_windows)
        add(p.name, c.name + " simulation", c.result.profiles[n].truth);
    }
  }
  std::string text;
  for (const Column& c : columns) text += (text.empty() ? "" : ",") + c.name;
  text += '\n';
  for (std::size_t bin = 0; bin < any->profiles.front().at_m.size(); ++bin)
    for (std::size_t n = 0; n < columns.size(); ++n)
      text += core::format("{}{}", columns[n].values[bin], n + 1 < columns.size() ? ',' : '\n');
  core::write_file(path, text);
}

}  // namespace understudy::apps
