#include "apps/catalog.hpp"

#include "apps/flow.hpp"
#include "core/runtime.hpp"
#include "mesh/linear_solver/linear_solver.hpp"
#include "surrogates/network.hpp"

namespace understudy::apps {

std::vector<std::string> domain_names() { return {"flow"}; }

std::shared_ptr<Domain> make_domain(const std::string& name) {
  if (name == "flow") return make_flow();
  return nullptr;
}

namespace {

CatalogSection domain_section() {
  CatalogSection section{"Solvers (app:)", {}};
  for (const auto& name : domain_names())
    section.entries.push_back({name, make_domain(name)->summary()});
  return section;
}

CatalogSection linear_solver_section() {
  CatalogSection section{"Linear solvers (flow.pressure.method:)", {}};
  for (const auto& name : mesh::linear_solver_methods())
    section.entries.push_back({name, name == "fft"         ? "fast direct solver by FFTW"
                                     : name == "multigrid" ? "geometric multigrid in Kokkos"
                                     : name == "petsc"     ? "PETSc KSP"
                                                           : "the fastest that fits"});
  return section;
}

CatalogSection backend_section() {
  const auto torch = surrogates::torch_info();
  return {"Backends",
          {{"kokkos", core::Runtime::backend()},
           {"threads", std::to_string(core::Runtime::threads())},
#ifdef UNDERSTUDY_WITH_MPI
           {"mpi", "yes"},
#else
           {"mpi", "not in this build"},
#endif
#ifdef UNDERSTUDY_WITH_PETSC
           {"petsc", "yes"},
#else
           {"petsc", "not in this build"},
#endif
#ifdef UNDERSTUDY_WITH_VTK
           {"vtk", "yes"},
#else
           {"vtk", "not in this build"},
#endif
           {"torch", torch.version + ", " + torch.device}}};
}

}  // namespace

std::vector<CatalogSection> catalog() {
  return {domain_section(),
          {"Networks (network.kind:)",
           {{"unet", "U-Net on [channel, y, x], padded by side"},
            {"mlp", "multilayer perceptron on batches of points (app: points)"}}},
          {"Swap policies (swap.policy:)",
           {{"never", "the simulation alone"},
            {"always", "the surrogate alone"},
            {"schedule", "the simulation in given windows, the surrogate otherwise"}}},
          linear_solver_section(),
          backend_section()};
}

}  // namespace understudy::apps
