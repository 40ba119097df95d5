#include "surrogates/points/torch_point_model.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/params_text.hpp"
#include "surrogates/network/old_archive.hpp"
#include "surrogates/network/torch_archive.hpp"
#include "surrogates/network/torch_program.hpp"
#include "surrogates/network/trusted_programs.hpp"

namespace understudy::surrogates {

namespace {

class MlpEngine : public PointEngine {
 public:
  MlpEngine(const PointCard& card, const std::vector<at::Tensor>& flats)
      : architecture_(make_architecture(card.network.network(), card.shape())) {
    const auto specs = architecture_->weights();
    for (const at::Tensor& flat : flats) {
      members_.emplace_back();
      for (const at::Tensor& w : slices(flat, specs)) members_.back().push_back(w.detach().clone());
    }
  }

  at::Tensor predict(const at::Tensor& x) override {
    const c10::InferenceMode no_autograd;
    std::vector<at::Tensor> all;
    for (auto& weights : members_) {
      if (weights.front().device() != x.device())
        for (at::Tensor& w : weights) w = w.to(x.device());
      all.push_back(architecture_->forward(x, weights));
    }
    return at::stack(all);
  }

 private:
  std::unique_ptr<Architecture> architecture_;
  std::vector<std::vector<at::Tensor>> members_;
};

// What was imported: one network.
class ImportedEngine : public PointEngine {
 public:
  ImportedEngine(const PointCard& card, const std::filesystem::path& file, const std::string& bytes)
      : file_(file.string()),
        outputs_(static_cast<std::int64_t>(card.outputs.size())),
        program_(load_program(card.engine, file, bytes)) {}

  at::Tensor predict(const at::Tensor& x) override {
    const at::Tensor y = program_->call({x});
    if (y.sizes() != at::IntArrayRef({x.size(0), outputs_}))
      throw core::UserError(core::format("{} maps [{}, {}] to {}; the card says [{}, {}]", file_,
                                         x.size(0), x.size(1), c10::str(y.sizes()), x.size(0),
                                         outputs_));
    return y.to(x.scalar_type()).contiguous().unsqueeze(0);
  }

 private:
  std::string file_;
  std::int64_t outputs_;
  std::unique_ptr<Program> program_;
};

std::filesystem::path weights_of(const std::filesystem::path& folder) {
  const auto path = folder / "weights.safetensors";
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    throw core::UserError(
        core::format("no model in {} (weights.safetensors is missing{}); `understudy train` and "
                     "`understudy import` make one",
                     folder.string(), said_of_old_archive(path)));
  return path;
}

PointCard card_of(const NamedTensors& content, const std::filesystem::path& folder) {
  const auto kind = content.texts.find("kind");
  if (kind == content.texts.end() || kind->second != "points" || !content.texts.contains("card"))
    throw core::UserError(core::format(
        "the model in {} is one of fields, not of points: a SubModel takes what `understudy train` "
        "makes of a deck with app: points, or `understudy import`",
        folder.string()));
  PointCard card;
  const std::string& text = content.texts.at("card");
  try {
    read_params_text(text, card);
  } catch (const std::exception&) {
    throw core::UserError(
        core::format("the model in {} was written by another version of Understudy; train it anew",
                     folder.string()));
  }
  return card;
}

std::string member_name(std::size_t member, const std::string& weight) {
  return core::format("{}.{}", member, weight);
}

std::vector<at::Tensor> members_of(const NamedTensors& content, const PointCard& card) {
  const auto specs = make_architecture(card.network.network(), card.shape())->weights();
  std::vector<at::Tensor> flats;
  for (int member = 0; member < card.members; ++member) {
    std::vector<at::Tensor> parts;
    for (const WeightSpec& spec : specs) {
      const at::Tensor& weights = content.at(member_name(member, spec.name));
      parts.push_back(weights.flatten().to(at::kFloat));
      if (weights.sizes() != at::IntArrayRef(spec.shape))
        throw std::out_of_range("the shape of " + member_name(member, spec.name) + " is another");
    }
    flats.push_back(at::cat(parts));
  }
  return flats;
}

}  // namespace

std::unique_ptr<PointEngine> make_mlp_engine(const PointCard& card,
                                             const std::vector<at::Tensor>& flats) {
  return std::make_unique<MlpEngine>(card, flats);
}

std::unique_ptr<PointEngine> make_imported_engine(const PointCard& card,
                                                  const std::filesystem::path& file,
                                                  const std::string& bytes) {
  return std::make_unique<ImportedEngine>(card, file, bytes);
}

void save_point_weights(const std::filesystem::path& folder, PointCard& card,
                        const std::vector<at::Tensor>& flats, const at::Tensor& reference) {
  NamedTensors content;
  if (!flats.empty()) {
    const auto specs = make_architecture(card.network.network(), card.shape())->weights();
    for (std::size_t member = 0; member < flats.size(); ++member) {
      const auto parts = slices(flats[member], specs);
      for (std::size_t n = 0; n < specs.size(); ++n)
        content.tensors.emplace_back(member_name(member, specs[n].name), parts[n].clone());
    }
  }
  content.tensors.emplace_back("reference", reference.contiguous());
  content.texts["kind"] = "points";
  content.texts["card"] = params_text(card);
  write_archive(folder / "weights.safetensors", content);
}

PointCard read_point_card(const std::filesystem::path& folder) {
  return card_of(read_archive(weights_of(folder), "weights"), folder);
}

namespace {

std::string hash_of(const std::string& bytes) { return core::sha256(bytes).substr(0, 16); }

PointModel model_of(const NamedTensors& content, const std::filesystem::path& folder) {
  PointModel model;
  model.card = card_of(content, folder);
  const at::Tensor& reference = content.at("reference");
  if (reference.dim() != 2 || reference.size(1) != std::int64_t(model.card.inputs.size()))
    throw std::out_of_range("its reference points are of another number of inputs");
  const auto* values = reference.const_data_ptr<float>();
  model.reference.assign(values, values + reference.numel());
  if (model.card.engine == "mlp") {
    model.engine = make_mlp_engine(model.card, members_of(content, model.card));
    return model;
  }
  // Whatever the file says: nothing outside its folder.
  if (model.card.imported != "model.pt" && model.card.imported != "model.pt2")
    throw core::UserError(
        core::format("the model in {} names no file of an imported model", folder.string()));
  const auto file = folder / model.card.imported;
  const std::string bytes = core::read_file(file);
  if (hash_of(bytes) != model.card.imported_hash)
    throw core::UserError(
        core::format("{} is not the file that was imported (its hash differs from the card's); run "
                     "`understudy import` again",
                     file.string()));
  require_trusted(bytes, file);
  model.engine = make_imported_engine(model.card, file, bytes);
  return model;
}

}  // namespace

std::string point_model_hash(const std::filesystem::path& folder) {
  return hash_of(core::read_file(weights_of(folder)));
}

PointModel load_point_model(const std::filesystem::path& folder) {
  const auto path = weights_of(folder);
  const std::string bytes = core::read_file(path);  // once: the hash is that of what is used
  const NamedTensors content = parse_archive(bytes, path, "weights");
  try {
    PointModel model = model_of(content, folder);
    model.hash = hash_of(bytes);
    return model;
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw core::UserError(core::format("the model in {} is damaged: {}; train it anew",
                                       folder.string(), first_line(error.what())));
  }
}

}  // namespace understudy::surrogates
