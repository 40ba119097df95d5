// A network of fields whose computation is an imported program (private to surrogates/); imported_function.hpp says
// how it is called. It is called on whole fields, by the rank that has them, and loaded there alone.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "surrogates/fields/model.hpp"
#include "surrogates/network/torch_network.hpp"
#include "surrogates/network/torch_program.hpp"

namespace understudy::surrogates {

class ImportedNetwork : public Architecture {
 public:
  /// `sha256`: of the file when it was looked at and found to be trusted; nothing is loaded yet.
  ImportedNetwork(const ModelCard& card, std::filesystem::path file, std::string sha256);

  std::vector<WeightSpec> weights() const override { return {}; }
  /// UserError where the program fails or gives another shape.
  at::Tensor forward(const at::Tensor& input, const std::vector<at::Tensor>& w) const override;
  /// Not known.
  double operations(const std::vector<long long>&) const override { return 0; }
  /// Loads the file. UserError where it is no longer the one that was looked at, or cannot be loaded.
  void prepare() const override;

 private:
  /// value * factor + shift of each channel of the axis 1.
  struct Scaling {
    std::vector<double> factors, shifts;
    at::Tensor operator()(const at::Tensor& x) const;
  };
  std::vector<at::Tensor> arguments(const at::Tensor& input) const;
  at::Tensor padded(const at::Tensor& x) const;
  at::Tensor in_its_axes(const at::Tensor& x) const;
  at::Tensor of_the_grid(const at::Tensor& y, const std::vector<at::Tensor>& given,
                         const at::Tensor& input) const;

  std::filesystem::path file_;
  std::string sha256_;
  ImportedFunction function_;
  SideKinds sides_;
  std::int64_t fields_, fixed_;
  std::vector<std::int64_t> channels_, places_, parameters_;
  Scaling in_, told_, out_;
  mutable std::unique_ptr<Program> program_;
};

/// [batch, channel, (z,) y, x] with `cells` more on every side (imported_function.hpp). UserError where a periodic axis
/// has fewer cells than that, or one between walls no more.
at::Tensor pad_by_sides(const at::Tensor& x, const SideKinds& sides, std::int64_t cells);

/// The model of an imported program's card. RUNS NOTHING. `sha256`: of the file.
FieldModel imported_model(const ModelCard& card, const std::filesystem::path& file,
                          const std::string& sha256);

}  // namespace understudy::surrogates
