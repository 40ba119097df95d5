// What a file is that was given as a model to import, and how it becomes one. By its bytes: nothing is loaded.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace understudy::surrogates {

/// UserError where the file is known to be something else than `engine` (torchscript, aoti, onnx) takes: a
/// state dict, safetensors, an exported program, another engine's file, a Git LFS pointer. It says what to do.
void require_model_file(const std::string& engine, const std::filesystem::path& file,
                        std::string_view bytes);

}  // namespace understudy::surrogates
