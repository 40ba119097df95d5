#include "core/lone_task.hpp"

#include <cstdlib>

#include "core/format.hpp"

namespace understudy::core {

std::string lone_task(int ranks) {
  const char* tasks = std::getenv("SLURM_STEP_NUM_TASKS");
  // Those that mpirun starts inherit its step's numbers.
  const char* pmi = std::getenv("PMI_SIZE");  // also of srun --mpi=pmi2, for all of its tasks
  const bool by_mpirun =
      std::getenv("OMPI_COMM_WORLD_SIZE") || (pmi && tasks && std::string(pmi) != tasks);
  if (ranks > 1 || by_mpirun || !tasks || std::atoi(tasks) < 2) return "";
  return format(
      "srun started {} tasks, and MPI takes each for its only rank: all of them do the whole work, into the same "
      "folder where --out is the same. For one run on all of them, srun must speak MPI's process interface: "
      "srun --mpi=pmix (srun --mpi=list says what there is), or mpirun in the allocation",
      tasks);
}

}  // namespace understudy::core
