// What the real ones answer, without the solvers and libraries behind them.
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/provenance.hpp"
#include "mesh/linear_solver/linear_solver_params.hpp"
#include "surrogates/network/network.hpp"
#include "surrogates/network/program_engines.hpp"

namespace understudy::mesh {
std::vector<std::string> linear_solver_methods() { return {"fft", "multigrid", "petsc"}; }
}  // namespace understudy::mesh

namespace understudy::core::log {
void write(Level, const std::string&) {}
}  // namespace understudy::core::log

namespace understudy::core {
std::string sha256(const std::string& text) { return std::string(64, text.empty() ? '0' : '1'); }
std::map<std::string, std::string> Provenance::as_map() const { return {}; }
}  // namespace understudy::core

namespace understudy::surrogates {
const std::vector<std::string>& program_engines() {
  static const std::vector<std::string> all{"torchscript", "aoti", "onnx"};
  return all;
}

struct Network::Impl {};
Network::Network(const NetworkParams& params, const NetworkShape&, long long)
    : impl_(std::make_unique<Impl>()) {
  static_cast<void>(params);
}
Network::~Network() = default;
void Network::load_weights(const std::filesystem::path&) {}
}  // namespace understudy::surrogates
