// `understudy export MODEL --to torchscript|onnx|safetensors --out FILE`: a trained model as one file for other
// programs (surrogates/portable/export.hpp says what is in it).
#pragma once

#include <string>

namespace understudy::apps {

/// What the command line says.
struct ExportOptions {
  std::string model;    ///< folder
  std::string format;   ///< torchscript, onnx, safetensors
  std::string out;      ///< file
  std::string samples;  ///< file; empty: none
  bool overwrite = false;
};

/// Collective; rank 0 works. UserError: no model folder, files that are there already, models that cannot be
/// exported.
void export_model(const ExportOptions& options);

}  // namespace understudy::apps
