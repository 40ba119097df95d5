// A batch system's launcher may start many tasks while MPI, to which it does not speak, takes each of them for the
// only rank there is: all would then do the same work in the same folder.
#pragma once

#include <string>

namespace understudy::core {

/// What is to be warned of on a process whose MPI counts `ranks`: empty, unless that is one and Slurm's srun says in
/// the environment (SLURM_STEP_NUM_TASKS) that it started more.
std::string lone_task(int ranks);

}  // namespace understudy::core
