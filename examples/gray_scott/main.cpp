// A program with an app of its own: every verb of Understudy (check, run, generate, train, compare, study...)
// for decks with `app: gray_scott`. The app is app.cpp, the network torch_local_network.cpp; plugin.cpp brings
// the same two to the program understudy instead.
#include <array>

#include "apps/program.hpp"
#include "examples/gray_scott/app.hpp"
#include "examples/gray_scott/local_network.hpp"

int main(int argc, char** argv) {
  gray_scott::add_local_network();
  const std::array apps{gray_scott::app()};
  return understudy::apps::program(argc, argv, apps);
}
