// A program with an equation of its own beside one of ours: `check`, `pinn` and `compare` for decks with
// `app: pinn` and `problem.name: damped_wave` or `wave_1d`.
#include <array>

#include "apps/pinn/pinn_verbs.hpp"
#include "apps/program.hpp"
#include "examples/damped_wave/damped_wave.hpp"
#include "pinn/problems/problems.hpp"

int main(int argc, char** argv) {
  const std::array problems{example::damped_wave(), understudy::pinn::wave_1d()};
  const std::array apps{understudy::apps::pinn_app(problems)};
  return understudy::apps::program(argc, argv, apps);
}
