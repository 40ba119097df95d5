// Whether an ONNX file has all of its weights in itself. By its bytes: nothing is loaded.
#pragma once

#include <filesystem>
#include <string_view>

namespace understudy::surrogates {

/// UserError where a tensor of the file lies in another file (`external_data`, `data_location: EXTERNAL` of onnx.proto):
/// that one is covered by no hash, and ONNX Runtime would read whatever the name says.
void require_own_weights(const std::filesystem::path& file, std::string_view bytes);

}  // namespace understudy::surrogates
