#include "surrogates/fields/field_import.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/fields/torch_imported_network.hpp"
#include "surrogates/fields/torch_relative_error.hpp"
#include "surrogates/fields/torch_training_data.hpp"
#include "surrogates/network/trusted_programs.hpp"

namespace understudy::surrogates {

namespace {

constexpr long long trial_windows = 4;

// What training here would know of these data, by the same reading; no frame is kept.
ModelCard card_of(const DatasetReader& reader, int skip_windows) {
  if (reader.info().grid.is_sphere())
    throw core::UserError(core::format(
        "dataset {}: imported models of fields serve boxes; this one is of a cubed sphere",
        reader.directory().string()));
  TrainingParams params;
  params.skip_windows = skip_windows;
  params.unroll = {1};
  params.unroll_fractions = {};
  SampleMemory streamed;
  streamed.streamed = true;
  return load_training_data(reader, params, NetworkParams{}, streamed).card;
}

// A sample that training here would not learn from: of the split valid, or the last one.
int trial_sample(const DatasetReader& reader) {
  const auto valid = reader.samples_of("valid");
  return valid.empty() ? reader.samples_of("train").back() : valid.front();
}

at::Tensor tensor_of_values(const std::vector<float>& values, std::vector<std::int64_t> shape) {
  return at::tensor(at::ArrayRef<float>(values)).view(shape);
}

template <class Card>
at::Tensor along(const std::vector<Card>& cards, std::int64_t dims, const auto& of) {
  std::vector<double> numbers;
  for (const Card& card : cards) numbers.push_back(of(card));
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dims), 1);
  shape[1] = static_cast<std::int64_t>(numbers.size());
  return at::tensor(numbers, at::kDouble).view(shape);
}

// What the stepper packs, and makes of what comes back: [1, channel, (z,) y, x].
class Trial {
 public:
  Trial(const FieldModel& model, const DatasetReader& reader, int sample)
      : model_(model), reader_(reader), sample_(sample) {
    shape_ = {1, 0};
    const auto cells = model.card.shape().cells;
    shape_.insert(shape_.end(), cells.rbegin(), cells.rend());
  }

  at::Tensor state(long long frame) const {
    return tensor_of_values(reader_.prognostic(sample_, frame, 1),
                            shaped(model_.card.fields.size()))
        .to(at::kDouble);
  }

  /// One window later, in physical units.
  at::Tensor predicted(const at::Tensor& before) const {
    const auto& fields = model_.card.fields;
    const std::int64_t dims = before.dim();
    const auto each = [&](const auto& of) { return along(fields, dims, of); };
    const at::Tensor mean = each([](const FieldCard& f) { return f.mean; });
    const at::Tensor varies = each([](const FieldCard& f) { return f.constant ? 0.0 : 1.0; });
    const at::Tensor scale = each([](const FieldCard& f) { return f.std; });
    std::vector<at::Tensor> channels{(before - mean) / scale * varies};
    if (!model_.card.fixed.empty())
      channels.push_back(
          tensor_of_values(reader_.fixed(sample_), shaped(model_.card.fixed.size())));
    for (const ParameterCard& p : model_.card.parameters) {
      const double value = value_of(reader_.samples()[sample_].parameters, p.name, "the sample");
      channels.push_back(at::full(shaped(1), (value - p.mean) / p.std, at::kDouble));
    }
    const at::Tensor out =
        model_.network->impl().infer(at::cat(channels, 1).to(at::kFloat)).to(at::kDouble);
    const at::Tensor after =
        predicts_state(model_.card.network)
            ? out * scale + mean
            : before + out * each([](const FieldCard& f) { return f.increment_std; });
    return after * varies + mean * (1 - varies);
  }

 private:
  std::vector<std::int64_t> shaped(std::size_t channels) const {
    auto shape = shape_;
    shape[1] = static_cast<std::int64_t>(channels);
    return shape;
  }

  const FieldModel& model_;
  const DatasetReader& reader_;
  int sample_;
  std::vector<std::int64_t> shape_;
};

// [1, channel, (z,) y, x] to [channel].
at::Tensor norms(const at::Tensor& x) { return x[0].flatten(1).square().sum(1).sqrt(); }

// Windows are tried from here on: with one sample alone, from where training would hold it out.
long long first_tried(const DatasetReader& reader, long long skipped) {
  const auto train = reader.samples_of("train");
  if (!reader.samples_of("valid").empty() || train.size() > 1) return skipped;
  return skipped + before_last_fifth(reader.samples().at(train.front()).frames - skipped);
}

void try_out(const FieldModel& model, const DatasetReader& reader, ImportedModel& result) {
  const c10::InferenceMode no_autograd;
  const int sample = trial_sample(reader);
  const Trial trial(model, reader, sample);
  const auto& fields = model.card.fields;
  const long long first = first_tried(reader, model.card.skip_windows);
  result.windows = std::min(trial_windows, reader.samples().at(sample).frames - 1 - first);
  std::vector<at::Tensor> misses, stays, truths;
  for (long long n = first; n < first + result.windows; ++n) {
    const at::Tensor before = trial.state(n), truth = trial.state(n + 1);
    const at::Tensor found = trial.predicted(before);
    for (std::size_t c = 0; c < fields.size(); ++c)
      if (!at::isfinite(found.select(1, static_cast<std::int64_t>(c))).all().item<bool>())
        throw core::UserError(core::format(
            "the model gives {} that is not finite one window after frame {} of sample {}: are its "
            "channels, their order and their normalisation those of the card?",
            fields[c].name, n, reader.samples()[sample].name));
    misses.push_back(norms(found - truth));
    stays.push_back(norms(before - truth));
    truths.push_back(norms(truth));
  }
  const auto values = static_cast<double>(trial.state(first).select(1, 0).numel());
  const auto mean = [&](const std::vector<at::Tensor>& miss) {
    return relative_errors(at::stack(miss), at::stack(truths), values, fields).mean(0);
  };
  const at::Tensor model_errors = mean(misses), persistence = mean(stays);
  for (std::size_t c = 0; c < fields.size(); ++c) {
    const auto n = static_cast<std::int64_t>(c);
    result.trial.push_back(
        {fields[c].name, model_errors[n].item<double>(), persistence[n].item<double>()});
  }
}

// As training would say it of rollouts of one window: cards are judged alike (model_verdict()).
void note_trial(const ImportedModel& result, ModelCard& card) {
  card.rollout_windows = 1;
  for (const TrialError& e : result.trial)
    card.validation.push_back({e.field, e.model, e.model, e.persistence});
  card.verdict = model_verdict(card);
}

void require_conserved(const FieldImport& from, const ModelCard& card) {
  for (const std::string& name : from.conserve) {
    const auto fits = [&](const FieldCard& f) { return f.name == name && f.location == "cell"; };
    if (std::ranges::any_of(card.fields, fits)) continue;
    std::vector<std::string> names;
    for (const FieldCard& f : card.fields)
      if (f.location == "cell" && f.component == 0) names.push_back(f.name);
    throw core::UserError(
        core::format("conserve: '{}' is no field at cells of the dataset; there are {}", name,
                     names.empty() ? "none" : core::joined(names)));
  }
}

}  // namespace

ImportedModel import_field_model(const FieldImport& from, const std::filesystem::path& folder) {
  set_up_torch();
  require_engine(from.function.engine);
  const std::string bytes = core::read_file(from.file);
  const std::string hash = core::sha256(bytes);
  DatasetReader reader(from.dataset);
  if (from.stride > 1) reader = reader.every(from.stride);
  ImportedModel result;
  ModelCard& card = result.card;
  card = card_of(reader, from.skip_windows);
  require_conserved(from, card);
  if (!from.name.empty()) card.name = from.name;
  card.imported = from.function;
  complete(card.imported, card);
  card.imported.file_hash = hash.substr(0, 16);
  card.network.kind = "imported";
  card.network.prediction = card.imported.prediction;
  card.network.constrain = from.constrain;
  card.network.conserve = from.conserve;
  card.git = from.provenance.git;
  card.set_maker(from.provenance);
  const FieldModel model = imported_model(card, from.file, hash);
  try_out(model, reader, result);
  note_trial(result, card);
  core::make_folder(folder, "model folder");
  trust_program(bytes, weights_path(folder, card));
  core::write_file(weights_path(folder, card), bytes);
  core::write_file(folder / "README.md", model_readme(card));
  return result;
}

}  // namespace understudy::surrogates
