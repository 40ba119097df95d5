#include "surrogates/network/model_file_kind.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include "core/error.hpp"
#include "core/file_kind.hpp"
#include "core/format.hpp"

namespace understudy::surrogates {

namespace {

enum class Kind { unknown, torchscript, package, exported, saved, safetensors, onnx };

// Archives name their files in full; what is in them is compressed by none of their writers.
bool holds(std::string_view bytes, std::string_view name) {
  return bytes.find(name) != std::string_view::npos;
}

bool is_safetensors(std::string_view bytes) {
  if (bytes.size() < 10 || bytes[8] != '{') return false;
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  return header >= 2 && header <= bytes.size() - 8;
}

// A protocol buffer whose first field is the version of ONNX' format, 3 (2017) and up.
bool is_onnx(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x08' && bytes[1] >= 3 && bytes[1] <= 32;
}

Kind kind_of(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04")) {
    if (holds(bytes, "/constants.pkl")) return Kind::torchscript;
    if (holds(bytes, "aotinductor/")) return Kind::package;
    if (holds(bytes, "exported_program.json") || holds(bytes, "models/model.json"))
      return Kind::exported;
    if (holds(bytes, "/data.pkl")) return Kind::saved;
    return Kind::unknown;
  }
  if (is_safetensors(bytes)) return Kind::safetensors;
  if (is_onnx(bytes)) return Kind::onnx;
  // Of torch.save() before PyTorch 1.6: a pickle, protocol 2 and up.
  return bytes.size() > 1 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5 ? Kind::saved
                                                                                  : Kind::unknown;
}

}  // namespace

void require_model_file(const std::string& engine, const std::filesystem::path& file,
                        std::string_view bytes) {
  const bool script = engine == "torchscript", onnx = engine == "onnx";
  const std::string way =
      script
          ? "torch.jit.trace(model.eval(), example).save(FILE), or torch.jit.script(model).save(FILE), "
            "writes TorchScript"
      : onnx
          ? "torch.onnx.export(model.eval(), (example,), FILE, dynamo=False) writes ONNX"
          : "torch._inductor.aoti_compile_and_package(torch.export.export(model, (example,))) writes a "
            "package";
  const auto refuse = [&](const std::string& what) {
    throw core::UserError(core::format("{} is no {}, {}", file.string(),
                                       script ? "TorchScript file"
                                       : onnx ? "ONNX file"
                                              : "AOTInductor package",
                                       what));
  };
  switch (kind_of(bytes)) {
    case Kind::saved:
      refuse(
          "but what torch.save() wrote: weights (a state dict) or a pickled module, without the computation. "
          "Load it into its model in Python: " +
          way);
      break;
    case Kind::safetensors:
      refuse(
          "but safetensors: weights without the computation. Load them into their model in Python: " +
          way);
      break;
    case Kind::exported:
      refuse(
          onnx ? "but a program that torch.export.save() wrote. " + way
          : script
              ? "but a program that torch.export.save() wrote: torch._inductor.aoti_compile_and_package() "
                "makes a package of it, for engine: aoti; or " +
                    way
              : "but a program that torch.export.save() wrote: "
                "torch._inductor.aoti_compile_and_package(torch.export.load(FILE)) makes a package of it");
      break;
    case Kind::torchscript:
      if (!script) refuse("but a TorchScript file: set engine: torchscript in the card");
      break;
    case Kind::package:
      if (engine != "aoti") refuse("but an AOTInductor package: set engine: aoti in the card");
      break;
    case Kind::onnx:
      if (!onnx)
        refuse(
            "but an ONNX file, which is taken of models of fields (takes: fields, engine: onnx)");
      break;
    case Kind::unknown:
      if (const std::string kind = core::kind_of_bytes(bytes); !kind.empty())
        refuse(kind + ". " + way);
      break;
  }
}

}  // namespace understudy::surrogates
