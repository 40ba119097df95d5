// ONNX files by ONNX Runtime's C++ API, on the CPU: tensors on a device travel through the host. All of the
// process's sessions share one pool of threads, of as many as every other pool has (core::Runtime::threads()),
// whose threads sleep while they wait: the solver has the cores between calls.
#include <ATen/ATen.h>
#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include <iostream>

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "surrogates/network/torch_program.hpp"

namespace understudy::surrogates {

namespace {

// Never freed: sessions may be as old as the process.
Ort::Env& environment() {
  static Ort::Env& one = *[] {
    Ort::ThreadingOptions threads;
    threads.SetGlobalIntraOpNumThreads(core::Runtime::threads());
    threads.SetGlobalInterOpNumThreads(1);
    threads.SetGlobalSpinControl(0);
    return new Ort::Env(threads, ORT_LOGGING_LEVEL_ERROR, "understudy");
  }();
  return one;
}

// Debian's ONNX Runtime says on std::cerr, line by line, that it finds every operator registered by LibTorch's copy
// of the same library, which is no error. Errors of a session are exceptions.
class Silence {
 public:
  Silence() : kept_(std::cerr.rdbuf(nullptr)) {}
  ~Silence() { std::cerr.rdbuf(kept_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  std::streambuf* kept_;
};

// Weights in other files were refused (external_weights.hpp); of bytes ONNX Runtime would look for them in the current
// folder, and is given one that cannot be instead.
Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  options.DisablePerSessionThreads();
  options.SetExecutionMode(ExecutionMode::ORT_SEQUENTIAL);
  options.AddConfigEntry(kOrtSessionOptionsConfigLoadModelFormat, "ONNX");
  options.AddConfigEntry(kOrtSessionOptionsModelExternalInitializersFileFolderPath,
                         "/dev/null/none");
  return options;
}

struct Array {
  std::string name;
  std::vector<std::int64_t> shape;  ///< below 0: any
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
};

std::string text_of(const std::vector<Array>& arrays) {
  std::string text;
  for (const Array& a : arrays) {
    std::string shape;
    for (const auto n : a.shape)
      shape += (shape.empty() ? "" : ", ") + (n < 0 ? std::string("any") : std::to_string(n));
    text += core::format("{}{} [{}]", text.empty() ? "" : ", ", a.name, shape);
  }
  return text.empty() ? "nothing" : text;
}

Array array_of(const std::string& name, const Ort::TypeInfo& info) {
  Array array{name, {}};
  if (info.GetONNXType() != ONNX_TYPE_TENSOR) return array;
  const auto tensor = info.GetTensorTypeAndShapeInfo();
  array.shape = tensor.GetShape();
  array.type = tensor.GetElementType();
  return array;
}

template <class Real>
Ort::Value value_of(const at::Tensor& tensor) {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  return Ort::Value::CreateTensor<Real>(memory, const_cast<Real*>(tensor.const_data_ptr<Real>()),
                                        static_cast<std::size_t>(tensor.numel()),
                                        tensor.sizes().data(), tensor.sizes().size());
}

class OnnxProgram : public Program {
 public:
  OnnxProgram(const std::filesystem::path& file, const std::string& bytes) : file_(file.string()) {
    try {
      const Silence silence;
      session_ = Ort::Session(environment(), bytes.data(), bytes.size(), session_options());
      Ort::AllocatorWithDefaultOptions allocator;
      for (std::size_t n = 0; n < session_.GetInputCount(); ++n)
        inputs_.push_back(array_of(session_.GetInputNameAllocated(n, allocator).get(),
                                   session_.GetInputTypeInfo(n)));
      for (std::size_t n = 0; n < session_.GetOutputCount(); ++n)
        outputs_.push_back(array_of(session_.GetOutputNameAllocated(n, allocator).get(),
                                    session_.GetOutputTypeInfo(n)));
    } catch (const Ort::Exception& error) {
      throw core::UserError(core::format(
          "{} is no ONNX file that ONNX Runtime {} loads (weights must lie in the file itself, not "
          "beside it): {}",
          file_, onnx_runtime_version(), first_line(error.what())));
    }
    for (const Array& input : inputs_)
      if (input.type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
        throw core::UserError(
            core::format("{} takes '{}' in another type than float32, which is what it would be "
                         "given; {}",
                         file_, input.name, signature()));
    if (outputs_.size() != 1 || outputs_[0].type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)
      throw core::UserError(
          core::format("{} must give one array of float32; {}", file_, signature()));
  }

  at::Tensor call(const std::vector<at::Tensor>& given) override {
    if (given.size() != inputs_.size())
      throw core::UserError(core::format("{} would be given {} array{}, {}; {}", file_,
                                         given.size(), given.size() == 1 ? "" : "s",
                                         shapes_text(given), signature()));
    std::vector<at::Tensor> host;
    std::vector<Ort::Value> values;
    std::vector<const char*> names;
    for (std::size_t n = 0; n < given.size(); ++n) {
      host.push_back(given[n].to(at::kCPU, at::kFloat).contiguous());
      values.push_back(value_of<float>(host.back()));
      names.push_back(inputs_[n].name.c_str());
    }
    const char* output = outputs_[0].name.c_str();
    try {
      const auto results = session_.Run(Ort::RunOptions{nullptr}, names.data(), values.data(),
                                        values.size(), &output, 1);
      const std::vector<std::int64_t> shape = results[0].GetTensorTypeAndShapeInfo().GetShape();
      const at::Tensor view =
          at::from_blob(const_cast<float*>(results[0].GetTensorData<float>()), shape, at::kFloat);
      return view.to(given.front().device(), given.front().scalar_type(), false, true);
    } catch (const Ort::Exception& error) {
      throw core::UserError(core::format("{} fails on {}: {}; {}", file_, shapes_text(given),
                                         first_line(error.what()), signature()));
    }
  }

 private:
  std::string signature() const {
    return core::format("it takes {} and gives {}", text_of(inputs_), text_of(outputs_));
  }

  std::string file_;
  Ort::Session session_{nullptr};
  std::vector<Array> inputs_, outputs_;
};

}  // namespace

std::string onnx_runtime_version() { return Ort::GetVersionString(); }

std::unique_ptr<Program> load_onnx(const std::filesystem::path& file, const std::string& bytes) {
  return std::make_unique<OnnxProgram>(file, bytes);
}

}  // namespace understudy::surrogates
