// The program understudy: the catalogue's apps behind one command line.
#include "apps/catalog.hpp"
#include "apps/program.hpp"

int main(int argc, char** argv) {
  return understudy::apps::program(argc, argv, understudy::apps::catalogue());
}
