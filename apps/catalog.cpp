#include "apps/catalog.hpp"

#include "apps/flow/flow.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "core/runtime.hpp"
#include "mesh/linear_solver/linear_solver.hpp"
#include "pinn/problems/problems.hpp"
#include "surrogates/network/network.hpp"

namespace understudy::apps {

std::vector<std::string> domain_names() { return {"flow"}; }

std::shared_ptr<Domain> make_domain(const std::string& name) {
  if (name == "flow") return make_flow();
  return nullptr;
}

std::vector<std::string> gate_names() {
  return {"range", "diagnostics", "distance", "residual", "disagreement"};
}

template <class Real>
std::unique_ptr<surrogates::Gate<Real>> make_gate(const std::string& name,
                                                  const surrogates::GateContext<Real>& context) {
  if (name == "range") return surrogates::make_range_gate(context);
  if (name == "diagnostics") return surrogates::make_diagnostics_gate(context);
  if (name == "distance") return surrogates::make_distance_gate(context);
  if (name == "residual") return surrogates::make_residual_gate(context);
  if (name == "disagreement") return surrogates::make_disagreement_gate(context);
  throw core::UserError(core::format("swap.gate.use: there is no gate '{}'", name));
}

template std::unique_ptr<surrogates::Gate<float>> make_gate(const std::string&,
                                                            const surrogates::GateContext<float>&);
template std::unique_ptr<surrogates::Gate<double>> make_gate(
    const std::string&, const surrogates::GateContext<double>&);

const std::vector<pinn::ProblemEntry>& pinn_problems() {
  static const std::vector<pinn::ProblemEntry> all{pinn::acoustic_inversion(),
                                                   pinn::advection(),
                                                   pinn::allen_cahn(),
                                                   pinn::burgers(),
                                                   pinn::burgers_inverse(),
                                                   pinn::earthquake_location(),
                                                   pinn::eikonal_tomography(),
                                                   pinn::helmholtz_1d(),
                                                   pinn::helmholtz_2d(),
                                                   pinn::korteweg_de_vries(),
                                                   pinn::kovasznay(),
                                                   pinn::kuramoto_sivashinsky(),
                                                   pinn::kuramoto_sivashinsky_chaotic(),
                                                   pinn::lid_driven_cavity(),
                                                   pinn::navier_stokes_wake(),
                                                   pinn::poisson(),
                                                   pinn::shallow_water_sphere(),
                                                   pinn::sphere_advection(),
                                                   pinn::wave_1d(),
                                                   pinn::wave_2d()};
  return all;
}

namespace {

CatalogSection problem_section() {
  CatalogSection section{"PINN problems (app: pinn, problem.name:)", {}};
  for (const auto& entry : pinn_problems()) section.entries.push_back({entry.name, entry.summary});
  return section;
}

CatalogSection domain_section() {
  CatalogSection section{"Solvers (app:)", {}};
  for (const auto& name : domain_names())
    section.entries.push_back({name, make_domain(name)->summary()});
  section.entries.push_back(
      {"seismic",
       "acoustic and elastic waves in 2-D and 3-D; inversion, learned and by waveforms"});
  section.entries.push_back({"pinn", "equations and their inversion by physics-informed networks"});
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
  return {
      domain_section(),
      {"Networks (network.kind:)",
       {{"unet", "U-Net on [channel, y, x], padded by side"},
        {"fno", "Fourier neural operator, 2-D and 3-D"},
        {"pod", "proper orthogonal decomposition; a linear map or a perceptron steps the modes"},
        {"dmd", "dynamic mode decomposition: the least-squares linear map of the modes"},
        {"conv_autoencoder", "autoencoder with separate nonlinear modes and a latent map"},
        {"mlp", "multilayer perceptron on batches of points (app: points)"},
        {"inversion_net", "encoder-decoder from shot gathers to a model (app: seismic)"},
        {"forward_net", "from a model to shot gathers (app: seismic)"}}},
      problem_section(),
      {"PINN networks (app: pinn, network.kind:)",
       {{"mlp", "multilayer perceptron"},
        {"modified_mlp", "perceptron whose layers are gated by two encodings of the input"},
        {"pirate_net", "residual adaptive blocks that start as a linear map"}}},
      {"Swap policies (swap.policy:)",
       {{"never", "the simulation alone"},
        {"always", "the surrogate alone"},
        {"schedule", "the simulation in given windows, the surrogate otherwise"},
        {"gate", "the surrogate while calibrated gates trust it, the simulation otherwise"}}},
      {"Gates (swap.gate.use:)",
       {{"range", "values and parameters within what training saw"},
        {"diagnostics", "the simulation's diagnostics within what training saw; conservation"},
        {"distance", "distance to the nearest training states in a POD space"},
        {"residual", "the simulation's own tendency beside the prediction's"},
        {"disagreement", "spread of networks trained from other seeds (training.members)"}}},
      linear_solver_section(),
      backend_section()};
}

}  // namespace understudy::apps
