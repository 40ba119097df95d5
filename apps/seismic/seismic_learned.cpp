#include "apps/seismic/seismic_learned.hpp"

#include <algorithm>
#include <map>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_writer.hpp"
#include "apps/seismic/seismic_survey.hpp"
#include "apps/study/card_file.hpp"
#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/log.hpp"
#include "surrogates/arrays/npy_file.hpp"

namespace understudy::apps::seismic {

namespace ss = solvers::seismic;

ss::SurveyPlan dataset_plan(const SeismicJob& job) {
  if (job.deck.seismic.equation != "acoustic")
    throw core::UserError(
        "datasets are made with the acoustic equation; set seismic.equation: acoustic");
  const auto& d = job.deck.dataset;
  const ss::SurveyPlan plan = ss::make_plan(job.modelling(), {d.speed_least_m_s, d.speed_most_m_s},
                                            job.deck.seismic.model.density != "none");
  require_survey_fits(job, plan);
  return plan;
}

namespace {

// What the samples depend on: changing how they are learned from does not make them another dataset.
struct SamplesPart {
  SeismicDeck& deck;
  void describe(core::ParamVisitor& v) {
    v.choice("precision", deck.precision, {"single", "double"}, "");
    v.integer("seed", deck.seed, {}, "");
    v.group("grid", deck.grid, "");
    v.group("time", deck.time, "");
    v.group("seismic", deck.seismic, "");
    v.group("dataset", deck.dataset, "");
  }
};

}  // namespace

core::Provenance samples_provenance(const SeismicJob& job) {
  SeismicDeck deck = job.deck;
  // By how many ranks and how many at once shots are computed is for each verb to choose.
  const SeismicDeck plain{};
  deck.grid.ranks = plain.grid.ranks;
  deck.seismic.ranks_per_shot = plain.seismic.ranks_per_shot;
  deck.seismic.shots_at_once = plain.seismic.shots_at_once;
  SamplesPart part{deck};
  core::Provenance provenance = job.provenance;
  provenance.deck_hash = core::sha256(write_deck(part)).substr(0, 16);
  return provenance;
}

surrogates::PairInfo pair_info(const SeismicJob& job, const ss::SurveyPlan& plan) {
  surrogates::PairInfo info;
  info.name = job.deck.name;
  info.input = {"pressure",
                "Pa",
                {plan.shots(), plan.samples, (long long)(plan.survey.receivers.size())},
                {"shot", "sample", "receiver"},
                {0, 2},
                0,
                0};
  info.output = {"p_speed",
                 "m/s",
                 {},
                 {},
                 {},
                 job.deck.dataset.speed_least_m_s,
                 job.deck.dataset.speed_most_m_s};
  const auto& cells = job.deck.grid.cells;
  info.output.shape = {cells.back()};
  info.output.axes = {"depth"};
  if (cells.size() == 3) {
    info.output.shape.push_back(cells[1]);
    info.output.axes.push_back("y");
  }
  info.output.shape.push_back(cells[0]);
  info.output.axes.push_back("x");
  info.output.mirrored = {(long long)(cells.size()) - 1};
  return info;
}

namespace {

// f(index in [k, j, i], index in [depth, (y,) x]).
template <class F>
void for_image(const mesh::GridParams& grid, const F& f) {
  const std::size_t rows = std::size_t(grid.cells.back());
  std::size_t plane = 1;
  for (std::size_t a = 0; a + 1 < grid.cells.size(); ++a) plane *= std::size_t(grid.cells[a]);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t n = 0; n < plane; ++n) f(row * plane + n, (rows - 1 - row) * plane + n);
}

}  // namespace

std::vector<float> speed_to_image(const mesh::GridParams& grid, std::span<const double> speed_m_s) {
  std::vector<float> image(speed_m_s.size());
  for_image(grid,
            [&](std::size_t cell, std::size_t pixel) { image[pixel] = float(speed_m_s[cell]); });
  return image;
}

std::vector<double> image_to_speed(const mesh::GridParams& grid, std::span<const float> image) {
  std::vector<double> speed(image.size());
  for_image(grid, [&](std::size_t cell, std::size_t pixel) { speed[cell] = image[pixel]; });
  return speed;
}

std::vector<float> traces_to_array(const std::vector<ss::Gather>& shots) {
  std::vector<float> values;
  for (const auto& shot : shots)
    values.insert(values.end(), shot.values.begin(), shot.values.end());
  return values;
}

std::vector<ss::Gather> array_to_traces(std::span<const float> values, const ss::SurveyPlan& plan) {
  std::vector<ss::Gather> shots;
  auto from = values.begin();
  for (int s = 0; s < plan.shots(); ++s) {
    shots.emplace_back(plan.samples, int(plan.survey.receivers.size()));
    auto& into = shots.back().values;
    std::copy_n(from, into.size(), into.begin());
    from += std::ptrdiff_t(into.size());
  }
  return shots;
}

namespace {

// By what stands at the pattern's *, without the zeros before its numbers ("007_1" is "7_1"), so that the
// files of both sides meet; in the order of those numbers. A pattern without * is one file, named "".
using FilesByName = std::map<std::pair<std::size_t, std::string>, std::filesystem::path>;

std::string without_zeros(const std::string& name) {
  std::string plain;
  for (std::size_t n = 0; n < name.size(); ++n) {
    const auto digit = [&](std::size_t at) {
      return at < name.size() && name[at] >= '0' && name[at] <= '9';
    };
    const bool leading = name[n] == '0' && digit(n + 1) && (n == 0 || !digit(n - 1));
    if (!leading) {
      plain += name[n];
      continue;
    }
    while (name[n] == '0' && digit(n + 1)) ++n;
    plain += name[n];
  }
  return plain;
}

FilesByName matching(const SeismicJob& job, const std::string& pattern, const char* key) {
  const auto path = std::filesystem::path(job.deck.directory) / pattern;
  const std::string name = path.filename().string();
  const auto star = name.find('*');
  if (star == std::string::npos) return {{{0, ""}, path}};
  const std::string head = name.substr(0, star), tail = name.substr(star + 1);
  FilesByName found;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), code)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(head) || !file.ends_with(tail) || file.size() < head.size() + tail.size())
      continue;
    const std::string number =
        without_zeros(file.substr(head.size(), file.size() - head.size() - tail.size()));
    const auto [place, fresh] = found.insert({{number.size(), number}, entry.path()});
    if (!fresh)
      throw core::UserError(core::format("{}: {} and {} have the same number, '{}'", key,
                                         place->second.string(), entry.path().string(), number));
  }
  if (found.empty())
    throw core::UserError(core::format("{}: no file matches {}", key, path.string()));
  return found;
}

// Pairs by the number in their names: a missing file must not shift those after it.
void pair_up(const SeismicJob& job, surrogates::NpyPairs& from) {
  const auto& d = job.deck.dataset;
  const auto inputs = matching(job, d.input_files, "dataset.input_files");
  const auto outputs = matching(job, d.output_files, "dataset.output_files");
  std::string alone;
  std::size_t count = 0;
  const auto note = [&](const FilesByName& of, const FilesByName& other) {
    for (const auto& [number, file] : of) {
      if (other.contains(number)) continue;
      if (++count <= 5) alone += (alone.empty() ? "" : ", ") + file.string();
    }
  };
  note(inputs, outputs);
  note(outputs, inputs);
  if (count > 5) alone += core::format(" and {} more", count - 5);
  if (count > 0)
    throw core::UserError(core::format(
        "dataset.input_files, dataset.output_files: files belong together by what stands at the *, and "
        "there is no partner of {}; {} and {} are the patterns. Add what is missing or move these "
        "away",
        alone, d.input_files, d.output_files));
  for (const auto& [number, file] : inputs) {
    from.inputs.push_back(file);
    from.outputs.push_back(outputs.at(number));
  }
}

// Speeds that lie all below 20 m/s where the deck speaks of thousands are no models of the earth.
void require_speeds(const SeismicDatasetParams& d, const surrogates::PairDataset& data) {
  const auto [least, most] = std::minmax_element(data.outputs.begin(), data.outputs.end());
  if (*most >= 20 || d.speed_least_m_s < 200) return;
  throw core::UserError(core::format(
      "dataset.output_files: their speeds lie between {:.4g} and {:.4g} m/s, and dataset.speed_least_m_s and "
      "speed_most_m_s are {:.6g} and {:.6g}: are they in km/s? Multiply them by 1000",
      *least, *most, d.speed_least_m_s, d.speed_most_m_s));
}

// A generate that was stopped leaves a part of the models; without a look nobody would know.
void warn_of_missing(const SeismicJob& job, const surrogates::PairDataset& data) {
  const auto& d = job.deck.dataset;
  if (data.samples() == d.models()) return;
  const auto count = [&](surrogates::Split split) { return data.of(split).size(); };
  core::log::warn(
      "{} of the deck's {} models are in {}: {} of {} to train, {} of {} to validate, {} of {} to "
      "test; `understudy generate {} --resume` makes the others",
      data.samples(), d.models(), job.dataset().string(), count(surrogates::Split::train),
      d.training, count(surrogates::Split::validation), d.validation,
      count(surrogates::Split::test), d.test, job.tree.name);
}

// What generate made for this deck.
surrogates::PairDataset own_data(const SeismicJob& job) {
  if (!std::filesystem::exists(job.dataset()))
    throw core::UserError(core::format("no dataset in {}; `understudy generate {}` makes one",
                                       job.dataset().string(), job.tree.name));
  auto data = surrogates::read_pairs(job.dataset());
  auto expected = pair_info(job, dataset_plan(job));
  if (!(data.info.input == expected.input) || !(data.info.output == expected.output))
    throw core::UserError(core::format(
        "the dataset in {} maps {} to {}; the deck asks for {} to {}: generate into another --out",
        job.dataset().string(), surrogates::to_string(data.info.input),
        surrogates::to_string(data.info.output), surrogates::to_string(expected.input),
        surrogates::to_string(expected.output)));
  // The same shapes may be of another wavelet or medium. The deck file's name is nobody's matter.
  expected.name = data.info.name;
  surrogates::finished_samples(job.dataset(), expected, samples_provenance(job).deck_hash);
  warn_of_missing(job, data);
  return data;
}

void log_splits(const SeismicDatasetParams& d, const surrogates::PairDataset& data) {
  const auto count = [&](surrogates::Split split) { return data.of(split).size(); };
  core::log::info(
      "{} samples of the NumPy files: {} to train, {} to validate, {} to test{}", data.samples(),
      count(surrogates::Split::train), count(surrogates::Split::validation),
      count(surrogates::Split::test),
      data.samples() == d.models()
          ? ""
          : core::format(": they are fewer than dataset.training, validation and test together "
                         "({}), which are taken as proportions",
                         d.models()));
}

}  // namespace

surrogates::PairDataset learned_data(const SeismicJob& job) {
  const auto& d = job.deck.dataset;
  if (d.input_files.empty()) return own_data(job);
  surrogates::NpyPairs from;
  pair_up(job, from);
  from.samples = d.most_samples;
  from.decimated_axis = 1;
  from.stride = d.stride;
  from.low_pass = d.stride > 1;
  from.training = d.training;
  from.validation = d.validation;
  from.test = d.test;
  auto data = surrogates::read_npy_pairs(from, pair_info(job, dataset_plan(job)));
  require_speeds(d, data);
  log_splits(d, data);
  return data;
}

std::filesystem::path learned_folder(const SeismicJob& job, bool forward) {
  return job.out / (forward ? "forward_model" : "model");
}

void write_operator(const std::filesystem::path& folder, surrogates::ArrayMap& model) {
  model.save(folder);
  surrogates::ArrayMapCard card = model.card();
  write_card_file(folder / "card.yaml", card);
}

surrogates::ArrayMap read_operator(const std::filesystem::path& folder) {
  const auto path = folder / "card.yaml";
  if (!std::filesystem::exists(path))
    throw core::UserError(core::format(
        "no model in {} (card.yaml is missing); `understudy train` makes one", folder.string()));
  surrogates::ArrayMapCard card;
  read_card_file(path, card);
  // Cards of earlier versions have no verdict of their own.
  if (const std::string verdict = surrogates::array_map_verdict(card); !verdict.empty())
    core::log::warn("{}: {}", folder.string(), verdict);
  return loaded_by(path,
                   [&] { return surrogates::ArrayMap(card, folder / "weights.safetensors"); });
}

}  // namespace understudy::apps::seismic
