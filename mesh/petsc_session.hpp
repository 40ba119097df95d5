// PETSc's lifetime and errors (private to mesh/): it starts at the first use and ends with the Runtime.
#pragma once

#include <petscsys.h>

#include <string>

namespace understudy::mesh::petsc {

/// Not collective: groups of ranks that work on their own start it at their own times.
void start();
std::string message(PetscErrorCode code);
/// RunError "<who>: PETSc failed at <what>: ..." unless the code is success.
void check(PetscErrorCode code, const char* who, const char* what);

/// While it lives PETSc returns its errors instead of printing them.
struct QuietErrors {
  QuietErrors() { PetscPushErrorHandler(PetscReturnErrorHandler, nullptr); }
  ~QuietErrors() { PetscPopErrorHandler(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace understudy::mesh::petsc
