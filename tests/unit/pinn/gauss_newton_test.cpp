// Gauss-Newton steps: the Jacobian against autograd, what one step solves, how fast the loss falls, and what
// is said where it cannot be formed.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "pinn/training/torch_gauss_newton.hpp"
#include "support/torch_pinn_training_case.hpp"

namespace understudy::pinn {

namespace {

using namespace cases;
using at::Tensor;

// Two fields by two networks, an unknown number, second derivatives and a transform.
std::shared_ptr<Problem> coupled() {
  auto p = std::make_shared<Problem>();
  p->name = p->title = "coupled";
  p->inputs = {{"x", "1", -1, 1}, {"t", "1", 0, 1, true}};
  p->fields = {{"u", "1", "a field"}, {"v", "1", "another"}};
  p->parameters = {{.name = "k", .unit = "1", .help = "rate", .start = 1, .lower = 0, .upper = 5}};
  p->networks = {{{"u"}, {"x", "t"}}, {{"v"}, {"x"}}};
  p->evaluation = {5, 5};
  p->transform = [](const std::vector<Jet>& in, const std::vector<Jet>& out) -> std::vector<Jet> {
    return {in[0] * out[0], out[1]};
  };
  p->add("inside", {{"first", "1"}, {"second", "1", 2.0}}, p->interior()).residuals =
      [](const Fields& f) -> Residuals {
    const auto u = f["u"], v = f["v"];
    return {u.d(1) + u * u.d(0) - f.parameter("k") * u.d(0, 0), v.d(0) - u * v};
  };
  p->add("left", {{"v", "1"}}, p->face(0, -1), Term::Kind::boundary).residuals =
      [](const Fields& f) -> Residuals { return {f["v"] - 1}; };
  return p;
}

Model model_of(const std::shared_ptr<const Problem>& problem, const NetworkSettings& network) {
  ModelSetup setup{problem, network, at::kDouble};
  return Model(setup);
}

struct Solver {
  Settings settings;
  Model model;
  RankReduction sharing;
  Losses losses;
  PointSource source;
  GaussNewton optimiser;

  Solver(const std::shared_ptr<const Problem>& problem, const Settings& s,
         double block_bytes = row_block_bytes)
      : settings(s),
        model(model_of(problem, s.network)),
        sharing(core::Comm::self(), settings.parallel),
        losses(settings, sharing, *problem),
        source(plan(problem)),
        optimiser(settings.optimiser, model, losses, sharing, block_bytes) {}
  PointPlan plan(const std::shared_ptr<const Problem>& problem) const {
    PointPlan made;
    made.problem = problem;
    made.sampling = settings.sampling;
    made.options = model.options();
    return made;
  }
  Tensor weights() const { return model.trained().detach().clone(); }
};

Settings small() {
  Settings s = quick();
  s.optimiser.kind = "gauss_newton";
  s.optimiser.geodesic = false;
  s.network.width = 6;
  return s;
}

}  // namespace

TEST(PinnGaussNewton, RowsAreTheGradientsOfSinglePoints) {
  for (const std::string kind : {"mlp", "modified_mlp", "pirate_net"})
    for (const bool factorised : {false, true}) {
      NetworkSettings network;
      network.kind = kind;
      network.depth = 2;
      network.width = 7;
      network.factorised = factorised;
      network.fourier_features = kind == "mlp" ? 0 : 3;
      const auto problem = coupled();
      Model model = model_of(problem, network);
      {  // pirate_net's shares start at 0
        const at::NoGradGuard no_autograd;
        Tensor weights = model.trained();
        weights.add_(0.1);
      }
      for (const Term& term : problem->terms) {
        const Tensor points = at::rand({23, 2}, model.options()) * 2 - 1;
        std::vector<Tensor> rows;
        for (std::size_t e = 0; e < term.equations.size(); ++e)
          rows.push_back(at::zeros({23, model.trained().numel()}, model.options()));
        const Residuals found = model.linearise(term, points, Tensor(), rows);
        const Residuals wanted = model.residuals(term, points, Tensor());
        for (std::size_t e = 0; e < rows.size(); ++e) {
          EXPECT_LT((found[e] - wanted[e]).abs().max().item<double>(), 1e-13);
          for (const int p : {0, 11, 22}) {
            const Tensor row =
                torch::autograd::grad({wanted[e][p]}, {model.trained()}, {}, true)[0];
            EXPECT_LT((rows[e][p] - row).abs().max().item<double>(),
                      1e-11 * (1 + row.abs().max().item<double>()))
                << kind << ", factorised " << factorised << ", " << term.name << " " << e;
          }
        }
      }
    }
}

// Only the numbers of a straight line: the residuals are linear in them.
TEST(PinnGaussNewton, SolvesALinearProblemInOneStep) {
  auto p = decay();
  p->terms.clear();
  p->parameters = {{.name = "a", .unit = "1", .help = "", .start = 1, .lower = -9, .upper = 9},
                   {.name = "b", .unit = "1", .help = "", .start = 1, .lower = -9, .upper = 9}};
  p->add("line", {{"value", "1"}}, p->interior()).residuals = [](const Fields& f) -> Residuals {
    return {f.parameter("a") + f.parameter("b") * f.input(0) - (3 - 2 * f.input(0))};
  };
  Settings s = small();
  s.network.depth = 1;
  s.network.width = 2;
  s.optimiser.damping = 1e-14;
  Solver solver(p, s);
  const auto made = solver.optimiser.step(solver.source.at(0));
  EXPECT_TRUE(made.taken);
  EXPECT_EQ(made.solves, 1);
  EXPECT_NEAR(solver.model.parameters()[0], 3, 1e-9);
  EXPECT_NEAR(solver.model.parameters()[1], -2, 1e-9);
}

// J and f by autograd, row by row, in the order of terms, equations and points.
std::pair<Tensor, Tensor> rows_of(Solver& solver, const std::vector<TermPoints>& at) {
  std::vector<Tensor> rows, values;
  const auto& terms = solver.model.problem().terms;
  std::size_t loss = 0;
  for (std::size_t t = 0; t < terms.size(); ++t)
    for (const Tensor& r : solver.model.residuals(terms[t], at[t].points, at[t].data)) {
      const Tensor f = r * std::sqrt(solver.losses.weights()[loss++] / double(at[t].total));
      for (std::int64_t n = 0; n < f.numel(); ++n) {
        rows.push_back(torch::autograd::grad({f[n]}, {solver.model.trained()}, {}, true)[0]);
        values.push_back(f[n].detach());
      }
    }
  return {at::stack(rows), at::stack(values)};
}

TEST(PinnGaussNewton, IsTheDampedNormalEquationsInEitherSpace) {
  for (const bool several : {false, true})
    for (const int points : {12, 200})  // fewer and more than the weights
      for (const double block : {row_block_bytes, 3000.0}) {
        Settings s = small();
        s.network.depth = several ? 1 : 2;
        s.sampling.interior = points;
        s.sampling.boundary = 5;
        if (several) s.weights = {{"inside.first", 10}, {"inside.second", 0.1}, {"left.v", 3}};
        Solver solver(several ? coupled() : unknown_decay(), s, block);
        const auto& at = solver.source.at(0);
        const Tensor before = solver.weights();
        const auto [jacobian, f] = rows_of(solver, at);
        const Tensor normal = jacobian.t().mm(jacobian);
        ASSERT_EQ(points < 100, jacobian.size(0) < jacobian.size(1));
        const double mu = s.optimiser.damping * normal.diagonal().max().item<double>();
        const Tensor damped = normal + mu * at::eye(normal.size(0), normal.options());
        const Tensor wanted =
            -at::linalg_solve(damped, jacobian.t().mv(f).unsqueeze(1), true).squeeze(1);
        const auto made = solver.optimiser.step(at);
        ASSERT_TRUE(made.taken);
        ASSERT_EQ(made.solves, 1);
        EXPECT_NEAR(made.loss, f.square().sum().item<double>(), 1e-12 * made.loss);
        const Tensor step = solver.weights() - before;
        EXPECT_LT((step - wanted).norm().item<double>(), 1e-8 * wanted.norm().item<double>())
            << points << ", several " << several << ", blocks of " << block;
      }
}

// The second derivative of f along the step by autograd, and half of what it does to the step.
TEST(PinnGaussNewton, AccelerationIsOfSecondOrder) {
  for (const int points : {12, 200}) {
    Settings s = small();
    s.network.depth = 1;
    s.sampling.interior = points;
    s.sampling.boundary = 5;
    s.optimiser.geodesic = true;
    s.optimiser.damping = 1;  // a short step
    Solver solver(coupled(), s);
    const auto& at = solver.source.at(0);
    const Tensor before = solver.weights();
    const auto rows_at_start = rows_of(solver, at);
    const Tensor& jacobian = rows_at_start.first;
    const Tensor& f = rows_at_start.second;
    const Tensor normal = jacobian.t().mm(jacobian);
    const Tensor damped =
        normal + normal.diagonal().max() * at::eye(normal.size(0), normal.options());
    const auto solve = [&](const Tensor& x) {
      return -at::linalg_solve(damped, jacobian.t().mv(x).unsqueeze(1), true).squeeze(1);
    };
    const Tensor velocity = solve(f);
    constexpr double h = 1e-2;
    const auto shifted = [&](double by) {
      const at::NoGradGuard no_autograd;
      Tensor weights = solver.model.trained();
      weights.copy_(before + by * velocity);
      const auto [rows, values] = [&] {
        const at::AutoGradMode with_autograd(true);
        return rows_of(solver, at);
      }();
      weights.copy_(before);
      return values;
    };
    const Tensor second = (shifted(h) - 2 * f + shifted(-h)) / (h * h);
    const Tensor wanted = velocity + solve(second) / 2;
    const auto made = solver.optimiser.step(at);
    ASSERT_TRUE(made.taken && made.accelerated && made.solves == 1);
    const Tensor step = solver.weights() - before;
    const double bend = (wanted - velocity).norm().item<double>();
    EXPECT_LT((step - wanted).norm().item<double>(), 0.02 * bend) << points;
  }
}

// No residual is left at the solution, so that Gauss-Newton is Newton's method there.
TEST(PinnGaussNewton, ConvergesQuadratically) {
  auto p = decay();
  p->terms.clear();
  p->parameters = {{.name = "k", .unit = "1", .help = "", .start = 1.8, .lower = -9, .upper = 9}};
  p->add("rate", {{"value", "1"}}, p->interior()).residuals = [](const Fields& f) -> Residuals {
    return {(f.parameter("k") * f.input(0)).exp() - (2 * f.input(0)).exp()};
  };
  for (const bool geodesic : {false, true}) {
    Settings s = small();
    s.sampling.interior = 200;  // more than weights: J has one column that is not 0
    s.optimiser.damping = 1e-15;
    s.optimiser.geodesic = geodesic;
    Solver solver(p, s);
    double error = 0.2;
    int steps = 0;
    for (; steps < 8 && error > 1e-13; ++steps) {
      const double before = error;
      solver.optimiser.step(solver.source.at(0));
      error = std::abs(solver.model.parameters()[0] - 2);
      EXPECT_LT(error, std::max(1e-13, geodesic ? std::pow(before, 3) : 4 * before * before))
          << "geodesic " << geodesic;
    }
    EXPECT_LE(steps, geodesic ? 4 : 6);
  }
}

// A network that can meet its few residuals exactly: damping that falls by thirds sets the rate.
TEST(PinnGaussNewton, EndsAtRoundingWhereResidualsCanVanish) {
  for (const bool geodesic : {false, true}) {
    Settings s = small();
    s.sampling.interior = 4;
    s.sampling.initial = 1;
    s.sampling.resample_every = 0;
    s.sampling.method = "sobol";
    s.optimiser.geodesic = geodesic;
    Solver solver(decay(), s);
    double loss = 1;
    for (int n = 0; n < 40 && loss > 1e-26; ++n)
      loss = solver.optimiser.step(solver.source.at(0)).after;
    EXPECT_LT(loss, 1e-26) << "geodesic " << geodesic;
  }
}

// One unknown number, and the root of its size: the plain step goes beyond 0 to where the root is larger.
std::shared_ptr<Problem> root(double start, double lower = -9) {
  auto p = decay();
  p->terms.clear();
  p->parameters = {
      {.name = "k", .unit = "1", .help = "", .start = start, .lower = lower, .upper = 9}};
  p->add("root", {{"value", "1"}}, p->interior()).residuals = [](const Fields& f) -> Residuals {
    return {(f.parameter("k").square() + 1e-12).pow(0.15) + 0 * f.input(0)};
  };
  return p;
}

TEST(PinnGaussNewton, AStepThatDoesNotLowerTheLossIsNotTaken) {
  Settings s = small();
  s.optimiser.damping = 1e-17;  // too little for as many solves as a step may have
  Solver solver(root(1), s);
  const Tensor before = solver.weights();
  const auto refused = solver.optimiser.step(solver.source.at(0));
  EXPECT_FALSE(refused.taken);
  EXPECT_EQ(refused.after, refused.loss);
  EXPECT_GT(refused.solves, 1);
  EXPECT_TRUE(before.equal(solver.weights()));
  int solves = 0, steps = 0;
  double loss = refused.loss;
  for (; steps < 20; ++steps) {
    const auto made = solver.optimiser.step(solver.source.at(0));
    EXPECT_EQ(made.taken, made.after < made.loss);
    solves += made.solves;
    loss = made.after;
  }
  EXPECT_GT(solves, steps);
  EXPECT_LT(loss, refused.loss / 2);
}

TEST(PinnGaussNewton, NumbersAtTheirBoundsStayThereWhileTheyArePushedOut) {
  for (const int points : {12, 200}) {
    Settings s = small();
    s.sampling.interior = points;
    auto problem = unknown_decay();
    problem->parameters[0].lower = problem->parameters[0].start = 2.5;  // the truth is 2
    Solver solver(problem, s);
    double loss = 0;
    for (int n = 0; n < 30; ++n) {
      const auto made = solver.optimiser.step(solver.source.at(0));
      loss = n == 0 ? made.loss : made.after;
    }
    EXPECT_EQ(solver.model.parameters()[0], 2.5);
    EXPECT_LT(loss, 1e-2) << "the network learns on";
    // Pushed inwards it leaves: decay at a rate of 2 from a bound of 1 upwards.
    problem = unknown_decay();
    problem->parameters[0].lower = problem->parameters[0].start = 1;
    Solver inwards(problem, s);
    for (int n = 0; n < 30; ++n) inwards.optimiser.step(inwards.source.at(0));
    EXPECT_NEAR(inwards.model.parameters()[0], 2, 1e-3);
  }
}

TEST(PinnGaussNewton, RefusesResidualsThatMixPoints) {
  auto p = decay();
  p->terms[0].residuals = [](const Fields& f) -> Residuals {
    return {f["u"].d(0) + f["u"].value().mean()};
  };
  const auto said = message_of(task_of(p, small()));
  EXPECT_NE(said.find("depends on other points than its own"), std::string::npos) << said;
}

TEST(PinnGaussNewton, NamesWhatIsNotFinite) {
  auto p = decay();
  p->terms[0].residuals = [](const Fields& f) -> Residuals {
    return {(f["u"].value() - 100).sqrt()};
  };
  const auto said = message_of(task_of(p, small()));
  for (const char* part :
       {"problem decay", "step 0", "residual of rate.decay", "not finite", "t = "})
    EXPECT_NE(said.find(part), std::string::npos) << said;
  p->terms[0].residuals = [](const Fields& f) -> Residuals {
    return {((f["u"].value() - f["u"].value()).sqrt())};
  };
  const auto slope = message_of(task_of(p, small()));
  EXPECT_NE(slope.find("derivative by the weights of rate.decay"), std::string::npos) << slope;
}

TEST(PinnGaussNewton, ReachesManyDigits) {
  Settings s = small();
  s.network.width = 10;
  s.sampling.interior = 200;
  s.optimiser.steps = 60;
  s.optimiser.geodesic = true;
  const auto found = train(task_of(unknown_decay(), s));
  EXPECT_LT(found.errors[0], 1e-6);
  EXPECT_NEAR(found.history.back().parameters[0], 2, 1e-5);
}

}  // namespace understudy::pinn
