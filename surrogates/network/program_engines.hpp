// The engines that run models which were made elsewhere (`understudy import`); torch_program.hpp calls them.
//   torchscript  a TorchScript file, by LibTorch
//   aoti         an AOTInductor package, by LibTorch: compiled code for one LibTorch version and processor
//   onnx         an ONNX file, by ONNX Runtime on the CPU, in builds that found it (UNDERSTUDY_ONNX)
#pragma once

#include <string>
#include <vector>

namespace understudy::surrogates {

/// All of them, whether this build has them or not.
const std::vector<std::string>& program_engines();

/// UserError naming what this build lacks, unless it has the engine.
void require_engine(const std::string& engine);

/// ONNX Runtime's version; empty: this build has none.
std::string onnx_version();

/// What the file is called in a model folder: model.pt, model.pt2, model.onnx.
std::string program_file(const std::string& engine);

}  // namespace understudy::surrogates
