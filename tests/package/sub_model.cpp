// A program that starts MPI and Kokkos itself and collects points through a SubModel.
#include <Kokkos_Core.hpp>
#include <cstdio>
#ifdef UNDERSTUDY_WITH_MPI
#include <mpi.h>
#endif

#include <understudy/understudy.hpp>

namespace {

using Batch = understudy::Points<double>;

void squares(const understudy::Points<const double>& in, const Batch& out) {
  Kokkos::parallel_for(
      "squares", in.extent(0), KOKKOS_LAMBDA(int n) { out(n, 0) = in(n, 0) * in(n, 0); });
}

double sum_of(const Batch& values) {
  double sum = 0;
  Kokkos::parallel_reduce(
      "sum", values.extent(0), KOKKOS_LAMBDA(int n, double& s) { s += values(n, 0); }, sum);
  return sum;
}

bool run(const char* folder) {
  understudy::SubModelOptions options;
  options.name = "square";
  options.inputs = {{"x", "m"}};
  options.outputs = {{"area", "m2"}};
  options.policy = understudy::SubModelPolicy::collect;
  options.dataset = folder;
  understudy::SubModel square(options);
  const Batch in("in", 100, 1), out("out", 100, 1);
  Kokkos::deep_copy(in, 3);
  square(in, out, squares);
  square.flush();
  std::printf("%s", square.report().c_str());
  return square.counters().stored == 100 && sum_of(out) == 900 &&
         understudy::surrogates::read_points(folder).points == 100;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef UNDERSTUDY_WITH_MPI
  MPI_Init(&argc, &argv);
#endif
  Kokkos::initialize(argc, argv);
  const bool good = argc == 2 && run(argv[1]);
  Kokkos::finalize();
#ifdef UNDERSTUDY_WITH_MPI
  MPI_Finalize();
#endif
  return good ? 0 : 1;
}
