#include "surrogates/network/torch_program.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "surrogates/network/external_weights.hpp"
#include "surrogates/network/model_file_kind.hpp"

namespace understudy::surrogates {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string shapes_text(const std::vector<at::Tensor>& tensors) {
  std::string text;
  for (const at::Tensor& t : tensors) text += (text.empty() ? "" : ", ") + c10::str(t.sizes());
  return text;
}

namespace {

class ScriptProgram : public Program {
 public:
  ScriptProgram(const std::filesystem::path& file, const std::string& bytes)
      : file_(file.string()) {
    try {
      std::istringstream stream(bytes);
      module_ = torch::jit::load(stream, at::kCPU);
      module_.eval();
    } catch (const std::exception& error) {
      throw core::UserError(core::format("{} is no TorchScript file that this LibTorch loads: {}",
                                         file_, first_line(error.what())));
    }
  }

  at::Tensor call(const std::vector<at::Tensor>& inputs) override {
    const c10::InferenceMode no_autograd;
    if (inputs.front().device() != device_) {
      module_.to(inputs.front().device());
      device_ = inputs.front().device();
    }
    try {
      const c10::IValue result =
          module_.forward(std::vector<c10::IValue>(inputs.begin(), inputs.end()));
      if (result.isTensor()) return result.toTensor();
      throw core::UserError(core::format("{} gives no tensor but {}; one tensor is expected. {}",
                                         file_, result.tagKind(), signature()));
    } catch (const c10::Error& error) {
      fail(inputs, first_line(error.what()));
    } catch (const std::runtime_error& error) {
      if (dynamic_cast<const core::Error*>(&error)) throw;
      fail(inputs, error.what());
    }
  }

 private:
  [[noreturn]] void fail(const std::vector<at::Tensor>& inputs, const std::string& why) const {
    throw core::UserError(core::format("{} fails on {} of {}: {}. {}", file_, shapes_text(inputs),
                                       c10::toString(inputs.front().scalar_type()), why,
                                       signature()));
  }
  std::string signature() const {
    const auto method = module_.find_method("forward");
    return method ? "It is " + c10::str(method->function().getSchema()) : "It has no forward()";
  }

  std::string file_;
  torch::jit::Module module_;
  at::Device device_ = at::kCPU;
};

class PackageProgram : public Program {
 public:
  PackageProgram(const std::filesystem::path& file, const std::string& bytes)
      : file_(file.string()) {
    try {
      loader_ = std::make_unique<torch::inductor::AOTIModelPackageLoader>(file_);
    } catch (const std::exception& error) {
      throw core::UserError(core::format(
          "{} is no AOTInductor package that this LibTorch loads (a package serves the LibTorch "
          "version and processor it was made for): {}",
          file_, first_line(error.what())));
    }
    // The loader takes a path only.
    if (core::read_file(file) != bytes)
      throw core::UserError(file_ + " changed while it was loaded");
  }

  at::Tensor call(const std::vector<at::Tensor>& inputs) override {
    const c10::InferenceMode no_autograd;
    try {
      const auto results = loader_->run(inputs);
      if (results.size() != 1)
        throw core::UserError(
            core::format("{} gives {} tensors; one is expected", file_, results.size()));
      return results[0];
    } catch (const core::Error&) {
      throw;
    } catch (const std::exception& error) {
      throw core::UserError(
          core::format("{} fails on {}: {}", file_, shapes_text(inputs), first_line(error.what())));
    }
  }

 private:
  std::string file_;
  std::unique_ptr<torch::inductor::AOTIModelPackageLoader> loader_;
};

}  // namespace

const std::vector<std::string>& program_engines() {
  static const std::vector<std::string> all{"torchscript", "aoti", "onnx"};
  return all;
}

std::string onnx_version() {
#ifdef UNDERSTUDY_WITH_ONNX
  return onnx_runtime_version();
#else
  return "";
#endif
}

void require_engine(const std::string& engine) {
  const auto& all = program_engines();
  if (std::ranges::find(all, engine) == all.end())
    throw core::UserError(
        core::format("engine '{}' is unknown; there are {}", engine, core::joined(all)));
  if (engine == "onnx" && onnx_version().empty())
    throw core::UserError(
        "engine: onnx wants ONNX Runtime, which this build was made without: install it (Debian: "
        "libonnxruntime-dev), configure with UNDERSTUDY_ONNX=ON and build again; or save the model as "
        "TorchScript (engine: torchscript)");
}

std::string program_file(const std::string& engine) {
  return engine == "torchscript" ? "model.pt" : engine == "aoti" ? "model.pt2" : "model.onnx";
}

std::unique_ptr<Program> load_program(const std::string& engine, const std::filesystem::path& file,
                                      const std::string& bytes) {
  require_engine(engine);
  require_model_file(engine, file, bytes);
  if (engine == "onnx") require_own_weights(file, bytes);
#ifdef UNDERSTUDY_WITH_ONNX
  if (engine == "onnx") return load_onnx(file, bytes);
#endif
  if (engine == "aoti") return std::make_unique<PackageProgram>(file, bytes);
  return std::make_unique<ScriptProgram>(file, bytes);
}

}  // namespace understudy::surrogates
