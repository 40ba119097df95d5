#include "mesh/petsc_session.hpp"

#include "core/error.hpp"
#include "core/runtime.hpp"

namespace understudy::mesh::petsc {

std::string message(PetscErrorCode code) {
  const char* text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  return text != nullptr ? text : "error " + std::to_string(static_cast<int>(code));
}

void check(PetscErrorCode code, const char* who, const char* what) {
  if (code != PETSC_SUCCESS)
    throw core::RunError(std::string(who) + ": PETSc failed at " + what + ": " + message(code));
}

void start() {
  static bool started = false;
  if (started) return;
  // Starting and ending it must not wait for other ranks. Its users take their own communicator.
  PETSC_COMM_WORLD = PETSC_COMM_SELF;
  // The project notes signals itself (checkpoint at SIGTERM).
  check(PetscOptionsSetValue(nullptr, "-no_signal_handler", "true"), "mesh", "start");
  check(PetscInitializeNoArguments(), "mesh", "start");
  core::Runtime::at_end([] { PetscFinalize(); });
  started = true;
}

}  // namespace understudy::mesh::petsc
