// Which of PETSc's options a deck may give. A deck may be a stranger's, and many options write files, start
// viewers or run code (-ksp_view ascii:FILE, -options_file, -pc_python_type): those are the environment's,
// PETSC_OPTIONS, which is the user's own.
#pragma once

#include <string>

namespace understudy::mesh {

/// "" where `options` are solver options only: keys -ksp_* and -pc_*, also of the inner solvers (-mg_levels_*,
/// -mg_coarse_*, -sub_*...), that neither view, monitor, print nor name files, with plain words and numbers as
/// values. Else what is refused and why.
std::string refused_solver_options(const std::string& options);

}  // namespace understudy::mesh
