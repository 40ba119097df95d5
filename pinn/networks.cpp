#include "pinn/networks.hpp"

#include "core/error.hpp"
#include "core/format.hpp"

namespace understudy::pinn {

namespace {

int encode(JetProgram& p, const NetworkSettings& s) {
  if (s.fourier_features == 0) return 0;
  return p.waves(p.linear(0, s.fourier_features, "waves", false, false));
}

int dense(JetProgram& p, const NetworkSettings& s, int x, const std::string& name) {
  return p.activate(p.linear(x, s.width, name), activation_of(s.activation));
}

int mlp(JetProgram& p, const NetworkSettings& s, int x) {
  for (int layer = 0; layer < s.depth; ++layer) x = dense(p, s, x, core::format("hidden{}", layer));
  return x;
}

int modified_mlp(JetProgram& p, const NetworkSettings& s, int x) {
  const int u = dense(p, s, x, "encoder_u"), v = dense(p, s, x, "encoder_v");
  for (int layer = 0; layer < s.depth; ++layer)
    x = p.gate(dense(p, s, x, core::format("hidden{}", layer)), u, v);
  return x;
}

int pirate_net(JetProgram& p, const NetworkSettings& s, int x) {
  const int u = dense(p, s, x, "encoder_u"), v = dense(p, s, x, "encoder_v");
  // The shortcut wants the width of the blocks.
  if (p.widths[std::size_t(x)] != s.width) x = p.linear(x, s.width, "encoder");
  for (int block = 0; block < s.depth; ++block) {
    const auto name = [&](int layer) { return core::format("block{}.{}", block, layer); };
    int h = p.gate(dense(p, s, x, name(0)), u, v);
    h = p.gate(dense(p, s, h, name(1)), u, v);
    x = p.mix(dense(p, s, h, name(2)), x, core::format("block{}.alpha", block));
  }
  return x;
}

}  // namespace

JetProgram make_program(const NetworkSettings& settings, int inputs, int outputs) {
  JetProgram p;
  p.widths = {inputs};
  int x = encode(p, settings);
  if (settings.kind == "mlp")
    x = mlp(p, settings, x);
  else if (settings.kind == "modified_mlp")
    x = modified_mlp(p, settings, x);
  else if (settings.kind == "pirate_net")
    x = pirate_net(p, settings, x);
  else
    throw core::UserError(
        core::format("network.kind: there is no network '{}' for points; mlp, modified_mlp, "
                     "pirate_net",
                     settings.kind));
  p.output = p.linear(x, outputs, "out");
  return p;
}

}  // namespace understudy::pinn
