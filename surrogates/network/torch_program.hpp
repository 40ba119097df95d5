// A program that was imported, as a function of tensors (private to surrogates/). Who calls this has asked
// whether the file's bytes are trusted (trusted_programs.hpp), or is the import itself.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "surrogates/network/program_engines.hpp"

namespace understudy::surrogates {

class Program {
 public:
  virtual ~Program() = default;
  /// The one tensor that it makes of these, which are contiguous, of one floating-point type and on one device.
  /// Without autograd. UserError naming the file, the shapes that went in and, where the file says it, what it
  /// takes and gives.
  virtual at::Tensor call(const std::vector<at::Tensor>& inputs) = 0;
};

/// `bytes` are the file's. UserError where they are of another kind (model_file_kind.hpp), cannot be loaded, or
/// this build has no such engine.
std::unique_ptr<Program> load_program(const std::string& engine, const std::filesystem::path& file,
                                      const std::string& bytes);

/// "[1, 3, 16, 32], [1, 2]"
std::string shapes_text(const std::vector<at::Tensor>& tensors);

/// Up to its first line break: what follows in LibTorch's messages is a trace of itself.
std::string first_line(const std::string& text);

/// onnx_program.cpp, in builds with ONNX Runtime.
std::unique_ptr<Program> load_onnx(const std::filesystem::path& file, const std::string& bytes);
std::string onnx_runtime_version();

}  // namespace understudy::surrogates
