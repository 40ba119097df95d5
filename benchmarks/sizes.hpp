// Sizes of benchmarks from the command line: a processor and a GPU want different ones.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace understudy::bench {

/// The whole number at place n of the arguments, or `otherwise`; ends the program where it is not one above 0.
inline int number_at(int argc, char** argv, int n, int otherwise) {
  if (argc <= n) return otherwise;
  char* end = nullptr;
  const long value = std::strtol(argv[n], &end, 10);
  if (*end != '\0' || value <= 0 || value > 1000000) {
    std::fprintf(stderr, "%s: not a whole number above 0\n", argv[n]);
    std::exit(2);
  }
  return static_cast<int>(value);
}

}  // namespace understudy::bench
