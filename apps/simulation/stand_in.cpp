#include "apps/simulation/stand_in.hpp"

#include "core/error.hpp"
#include "core/format.hpp"
#include "core/joined.hpp"
#include "mesh/box_grid.hpp"
#include "surrogates/fields/coarse_stepper.hpp"

namespace understudy::apps {

namespace {

// The deck's box with fewer cells.
mesh::GridParams coarse_params(const SimulationDeck& deck,
                               const surrogates::NetworkParams& network) {
  mesh::GridParams params = deck.grid();
  if (params.is_sphere())
    throw core::UserError(
        "network.kind: correction serves boxes; a cubed sphere's solver cannot be corrected yet");
  params.cells = surrogates::coarse_cells(network, params.cells);
  params.ranks.clear();
  return params;
}

std::string text_of(const std::vector<long long>& factors) {
  std::vector<std::string> numbers;
  for (const long long f : factors) numbers.push_back(std::to_string(f));
  return core::joined(numbers);
}

void require_factor(const SimulationDeck& deck, const surrogates::ModelCard& card) {
  if (!surrogates::corrects(card.network) || !surrogates::corrects(deck.network) ||
      surrogates::coarsening(card.network) == surrogates::coarsening(deck.network))
    return;
  throw core::UserError(core::format(
      "the model '{}' corrects cells that are {} times the deck's, and network.coarsening is {}: "
      "train one for this deck, or give network.coarsening as the card has it",
      card.name, text_of(card.network.coarsening), text_of(deck.network.coarsening)));
}

}  // namespace

template <class Real>
Simulation<Real> make_coarse_simulation(const SimulationDeck& deck,
                                        const surrogates::NetworkParams& network,
                                        const core::Comm& comm,
                                        const std::vector<long long>& ranks) {
  mesh::GridParams params = coarse_params(deck, network);
  params.ranks = ranks;
  const auto sides = deck.physics->boundary_kinds(params.dimension());
  std::array<bool, 3> periodic{false, false, false};
  for (int axis = 0; axis < params.dimension(); ++axis)
    periodic[axis] = sides.at(2 * axis) == surrogates::SideKind::periodic;
  const auto grid = std::make_shared<const mesh::BoxGrid>(params, periodic, comm);
  return deck.physics->simulation(Real{}, {grid, deck.directory, deck.seed});
}

template <class Real>
surrogates::RunDescription describe_run(SimulationDeck& deck, const solvers::Stepper<Real>& truth,
                                        const surrogates::NetworkParams& network) {
  surrogates::RunDescription run;
  run.fields = truth.fields();
  run.grid = surrogates::corrects(network) ? coarse_params(deck, network) : deck.grid();
  run.boundaries = deck.physics->boundary_kinds(deck.grid().dimension());
  run.window_s = deck.time.window_s;
  run.parameters = network_parameters(deck);
  run.inference = deck.swap.inference;
  return run;
}

template <class Real>
void StandIn<Real>::warm_up(const mesh::State<Real>& state) const {
  if (stepper == network) {
    network->warm_up(state);
    return;
  }
  auto copy = state.clone();
  for (int n = 0; n < 2; ++n) stepper->advance(copy, network->card().window_s);
}

template <class Real>
StandIn<Real> make_stand_in(SimulationDeck& deck, std::shared_ptr<solvers::Stepper<Real>> truth,
                            const surrogates::FieldModel& model) {
  const auto& network = model.card.network;
  require_factor(deck, model.card);
  const auto run = describe_run(deck, *truth, network);
  if (!surrogates::corrects(network)) {
    const auto made = std::make_shared<surrogates::SurrogateStepper<Real>>(truth, model, run);
    return {made, made};
  }
  const mesh::Grid& grid = *truth->grid();
  std::vector<long long> ranks;
  for (int axis = 0; axis < grid.dimension(); ++axis) ranks.push_back(grid.rank_dims()[axis]);
  const auto solver = make_coarse_simulation<Real>(deck, network, grid.comm(), ranks).stepper;
  const auto inner = std::make_shared<surrogates::SurrogateStepper<Real>>(solver, model, run);
  return {std::make_shared<surrogates::CoarseStepper<Real>>(truth, inner, network.constrain),
          inner};
}

template Simulation<float> make_coarse_simulation(const SimulationDeck&,
                                                  const surrogates::NetworkParams&,
                                                  const core::Comm&, const std::vector<long long>&);
template Simulation<double> make_coarse_simulation(const SimulationDeck&,
                                                   const surrogates::NetworkParams&,
                                                   const core::Comm&,
                                                   const std::vector<long long>&);
template surrogates::RunDescription describe_run(SimulationDeck&, const solvers::Stepper<float>&,
                                                 const surrogates::NetworkParams&);
template surrogates::RunDescription describe_run(SimulationDeck&, const solvers::Stepper<double>&,
                                                 const surrogates::NetworkParams&);
template struct StandIn<float>;
template struct StandIn<double>;
template StandIn<float> make_stand_in(SimulationDeck&, std::shared_ptr<solvers::Stepper<float>>,
                                      const surrogates::FieldModel&);
template StandIn<double> make_stand_in(SimulationDeck&, std::shared_ptr<solvers::Stepper<double>>,
                                       const surrogates::FieldModel&);

}  // namespace understudy::apps
