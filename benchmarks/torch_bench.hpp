// What the benchmarks of networks share: settings from the command line, medians, and the matrix product's
// peak, measured in the same run, which shares of a processor's rate are counted against.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/timers.hpp"
#include "surrogates/network/torch_view.hpp"

namespace understudy::bench {

using Options = std::map<std::string, std::string>;

/// `defaults` with the command line's key=value over them; ends the program where a key is not known.
inline Options options_of(int argc, char** argv, Options defaults) {
  for (int n = 1; n < argc; ++n) {
    const std::string text = argv[n];
    const auto equal = text.find('=');
    if (equal == std::string::npos || !defaults.contains(text.substr(0, equal))) {
      std::fprintf(stderr, "%s: not key=value with a known key\n", argv[n]);
      std::exit(2);
    }
    defaults[text.substr(0, equal)] = text.substr(equal + 1);
  }
  return defaults;
}

/// "a,b" -> a and b.
inline std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string word; std::getline(in, word, ',');) all.push_back(word);
  return all;
}

inline std::vector<long long> numbers(const std::string& text) {
  std::vector<long long> all;
  for (const std::string& word : words(text)) all.push_back(std::stoll(word));
  return all;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A device works on after a call returns.
inline void wait_for(const at::Tensor& result) {
  if (!result.is_cpu()) result.flatten().select(0, 0).item<double>();
}
/// For everything that Kokkos and LibTorch have started on Kokkos' device.
inline void wait_for_device() { Kokkos::fence("benchmark reads its clock"); }
/// Of tensors where a simulation's fields are.
inline at::TensorOptions where_fields_are(at::ScalarType type) {
  using Memory = Kokkos::DefaultExecutionSpace::memory_space;
  const bool serves = surrogates::torch_serves<Memory>();
  return at::TensorOptions(type).device(serves ? surrogates::torch_device<Memory>()
                                               : at::Device(at::kCPU));
}

/// Operations/s of the best of seven products of 2048 x 2048 matrices.
inline double matrix_peak(const at::TensorOptions& options) {
  const c10::InferenceMode no_autograd;
  constexpr std::int64_t n = 2048;
  const auto matrix = [&] {
    return at::randn({n, n}, options.dtype(at::kFloat)).to(options.dtype().toScalarType());
  };
  const at::Tensor a = matrix(), b = matrix();
  double best = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 7; ++k) {
    const core::Stopwatch stopwatch;
    wait_for(at::mm(a, b));
    best = std::min(best, stopwatch.seconds());
  }
  return 2.0 * n * n * n / best;
}

}  // namespace understudy::bench
