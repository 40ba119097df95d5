// A deck's PETSc options: those of a solver pass, those that write, read or run something do not.
#include "mesh/linear_solver/solver_options.hpp"

#include <gtest/gtest.h>

namespace understudy::mesh {

TEST(SolverOptions, SolversKeysPass) {
  for (const char* options :
       {"", "  ", "-pc_type hypre", "-pc_type gamg -pc_gamg_threshold 0.02,-1", "-KSP_TYPE CG",
        "-ksp_type gmres -ksp_gmres_restart 50 -ksp_rtol 1.5e-7 -ksp_initial_guess_nonzero",
        "-mg_levels_ksp_type chebyshev -mg_levels_2_pc_type jacobi -mg_coarse_sub_pc_type lu",
        "-pc_hypre_boomeramg_strong_threshold 0.5",
        "-pc_mg_cycle_type w\n-ksp_error_if_not_converged"})
    EXPECT_EQ(refused_solver_options(options), "") << options;
}

TEST(SolverOptions, WhatWritesReadsOrRunsIsRefused) {
  for (const char* options : {"-ksp_view ascii:/tmp/file",
                              "-ksp_view",
                              "-ksp_monitor ascii:x",
                              "-ksp_view_mat",
                              "-log_view :x",
                              "-options_file x",
                              "-prefix_push mg_",
                              "-info x",
                              "-ksp_converged_reason ascii:x::append",
                              "-pc_type python",
                              "-pc_type PYTHON",
                              "-pc_type shell",
                              "-pc_python_type module.Class",
                              "-pc_factor_mat_solver_type mumps -mat_mumps_ooc_tmpdir /tmp",
                              "-ksp_rtol ascii:x",
                              "-pc_type /lib/x.so",
                              "-dll_append x",
                              "-malloc_dump",
                              "-help",
                              "-on_error_attach_debugger",
                              "-pc_hypre_boomeramg_print_debug",
                              "-ksp_plot_eigenvalues",
                              "-ksp_type=cg",
                              "word",
                              "-pc_type gamg word",
                              "--ksp_type cg",
                              "-ksp_monitor_lg_residualnorm",
                              "#-ksp_type cg",
                              "-ksp_type {cg",
                              "-draw_pause 1 -ksp_type cg",
                              "-ksp_type cg -viewer_hdf5_filename x"})
    EXPECT_NE(refused_solver_options(options), "") << options;
  EXPECT_NE(refused_solver_options("-ksp_view ascii:x").find("'-ksp_view' writes"),
            std::string::npos);
  EXPECT_NE(refused_solver_options("-log_view").find("PETSC_OPTIONS"), std::string::npos);
}

}  // namespace understudy::mesh
