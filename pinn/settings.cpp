#include "pinn/settings.hpp"

#include "core/format.hpp"

namespace understudy::pinn {

namespace {

constexpr double most_points = 10000000, most_steps = 100000000;

}  // namespace

void NetworkSettings::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"mlp", "modified_mlp", "pirate_net"},
           "multilayer perceptron; with two encodings that gate its layers (Wang, Teng & "
           "Perdikaris 2021); residual adaptive blocks (Wang et al. 2024)");
  v.integer("depth", depth, {.at_least = 1, .at_most = 100},
            "hidden layers; pirate_net: blocks of three layers");
  v.integer("width", width, {.at_least = 1, .at_most = 16384}, "neurons of a hidden layer");
  v.choice("activation", activation, {"tanh", "sin", "silu"}, "of the hidden layers");
  v.integer("fourier_features", fourier_features, {.at_least = 0, .at_most = 16384},
            "random waves, a cosine and a sine each, before the first layer (Tancik et al. 2020); "
            "0: none");
  v.real("fourier_scale", fourier_scale, {.above = 0}, "1",
         "standard deviation of their wave numbers, in inputs scaled to [-1, 1]");
  v.flag("factorised", factorised,
         "weights as diag(exp s) V with s trained, too (Wang et al. 2022)");
  v.real("factor_mean", factor_mean, {.at_least = -10, .at_most = 10}, "1", "mean of s at first");
  v.real("factor_std", factor_std, {.at_least = 0, .at_most = 10}, "1",
         "standard deviation of s at first");
}

void SamplingSettings::describe(core::ParamVisitor& v) {
  v.choice("method", method, {"uniform", "latin_hypercube", "sobol", "halton"},
           "how points are drawn: at random, or evenly spread");
  v.integer("interior", interior, {.at_least = 1, .at_most = most_points},
            "points of the equations a step");
  v.integer("boundary", boundary, {.at_least = 0, .at_most = most_points},
            "points of the boundary conditions a step");
  v.integer("initial", initial, {.at_least = 0, .at_most = most_points},
            "points of the initial condition a step");
  v.integer("data", data, {.at_least = 0, .at_most = most_points}, "samples a step; 0: all");
  v.integer("resample_every", resample_every, {.at_least = 0, .at_most = most_steps},
            "steps between new points; 0: the same to the end");
  v.integer("adapt_every", adapt_every, {.at_least = 0, .at_most = most_steps},
            "steps between points drawn by the size of the residual (RAD, Wu et al. 2023); 0: off");
  v.real("adapt_power", adapt_power, {.at_least = 0, .at_most = 10}, "1",
         "k of the probability |r|^k / mean |r|^k + c");
  v.real("adapt_floor", adapt_floor, {.at_least = 0}, "1", "c of it");
  v.integer("adapt_candidates", adapt_candidates, {.at_least = 1, .at_most = most_points},
            "points at which the residual is looked at");
  v.require(adapt_every == 0 || adapt_candidates >= interior, "adapt_candidates",
            core::format("is {}, fewer than the {} points drawn from them (sampling.interior)",
                         adapt_candidates, interior));
}

void OptimiserSettings::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"adamw", "soap", "gauss_newton"},
           "AdamW (Loshchilov & Hutter 2019); Adam in Shampoo's eigenbasis (Vyas et al. 2024); "
           "Gauss-Newton in a trust region (Levenberg 1944, Marquardt 1963), in double precision");
  v.integer("steps", steps, {.at_least = 0, .at_most = most_steps}, "of each time window");
  v.real("learning_rate", learning_rate, {.at_most = 10, .above = 0}, "1",
         "largest; gauss_newton has none, nor warm-up and decay");
  v.integer("warm_up_steps", warm_up_steps, {.at_least = 0, .at_most = most_steps},
            "over which the rate rises from 0");
  v.real("decay", decay, {.at_most = 1, .above = 0}, "1", "of the rate, every decay_steps");
  v.integer("decay_steps", decay_steps, {.at_least = 0, .at_most = most_steps}, "0: no decay");
  v.real("beta1", beta1, {.at_least = 0, .below = 1}, "1", "memory of the gradient's mean");
  v.real("beta2", beta2, {.at_least = 0, .below = 1}, "1", "memory of its square");
  v.real("weight_decay", weight_decay, {.at_least = 0, .at_most = 1}, "1", "decoupled, of AdamW");
  v.real("gradient_clip", gradient_clip, {.at_least = 0}, "1", "largest norm; 0: none");
  v.integer("soap_every", soap_every, {.at_least = 1, .at_most = 100000},
            "soap: steps between new eigenbases");
  v.real("damping", damping, {.at_most = 1e6, .above = 0}, "1",
         "gauss_newton: of the first step, over the largest diagonal entry of J^T J");
  v.flag("geodesic", geodesic,
         "gauss_newton: geodesic acceleration, half the second-order change along the step "
         "(Transtrum & Sethna 2012)");
  v.integer("lbfgs_iterations", lbfgs_iterations, {.at_least = 0, .at_most = most_steps},
            "on fixed points, after the steps (Liu & Nocedal 1989)");
  v.integer("lbfgs_points", lbfgs_points, {.at_least = 0, .at_most = most_points},
            "interior points of it; 0: sampling.interior");
  v.real("max_time_s", max_time_s, {.at_least = 0}, "s",
         "of all training: schedules are shortened to end by then; 0: no limit");
  v.require(steps > 0 || lbfgs_iterations > 0, "steps",
            "is 0 and lbfgs_iterations, too: nothing would be trained");
  v.require(warm_up_steps <= steps, "warm_up_steps",
            core::format("is {}, more than the {} steps that there are", warm_up_steps, steps));
}

void WeightingSettings::describe(core::ParamVisitor& v) {
  v.choice("kind", kind, {"fixed", "gradient_norm", "ntk", "self_adaptive"},
           "weights of the terms: as given; equal gradients (Wang, Teng & Perdikaris 2021); by the "
           "tangent kernel (Wang, Yu & Perdikaris 2022); ascending (McClenny & Braga-Neto 2023)");
  v.integer("every", every, {.at_least = 1, .at_most = most_steps}, "steps between new weights");
  v.real("memory", memory, {.at_least = 0, .below = 1}, "1", "part of the old weights that stays");
  v.real("rate", rate, {.above = 0}, "1", "self_adaptive: of the weights' ascent");
}

void CausalSettings::describe(core::ParamVisitor& v) {
  v.integer("chunks", chunks, {.at_least = 0, .at_most = 10000}, "of the time axis; 0: off");
  v.real("tolerance", tolerance, {.above = 0}, "1",
         "a chunk counts by exp(-tolerance times the loss before it)");
  v.require(chunks != 1, "chunks", "is 1, and one chunk has none before it; 0 turns it off");
}

void StageSettings::describe(core::ParamVisitor& v) {
  v.text("constant", constant, "name of one of the problem's constants");
  v.real("value", value, {}, "", "of it during the stage, in its unit");
  v.integer("steps", steps, {.at_least = 1, .at_most = most_steps}, "of the stage");
  v.require(!constant.empty(), "constant", "must name one of the problem's constants");
}

void CurriculumSettings::describe(core::ParamVisitor& v) {
  v.integer("windows", windows, {.at_least = 1, .at_most = 10000},
            "of time, one after the other, each from the last one's end");
  v.list("stages", stages, "with another value of a constant, before the deck's own");
}

void ParallelSettings::describe(core::ParamVisitor& v) {
  v.choice("mode", mode, {"points", "domains"},
           "ranks share the points; or a network for each part of the box (finite-basis PINN, "
           "Moseley, Markham & Nissen-Meyer 2023), the parts shared by the ranks");
  v.integers("domains", domains, 0, {.at_least = 1, .at_most = 10000},
             "domains: parts along each input");
  v.real("overlap", overlap, {.at_most = 0.5, .above = 0}, "1",
         "domains: of a part's width, on each side");
  v.require(mode != "domains" || !domains.empty(), "domains",
            "mode: domains wants the parts along each input, e.g. [4, 2]");
  v.require(mode == "domains" || domains.empty(), "domains",
            "is given, and mode is points; mode: domains uses it");
}

void Settings::describe(core::ParamVisitor& v) {
  v.group("network", network, "the network of the fields");
  v.group("sampling", sampling, "where the equations are looked at");
  v.group("optimiser", optimiser, "how the weights are found");
  v.group("weighting", weighting, "how the terms of the loss are balanced");
  v.group("causal", causal,
          "times count when those before are learned (Wang, Sankaran & Perdikaris 2024)");
  v.group("curriculum", curriculum, "from easy to hard");
  v.group("parallel", parallel, "what the ranks share");
  v.integer("record_every", record_every, {.at_least = 1, .at_most = most_steps},
            "steps between lines of the history");
  v.integer("evaluate_every", evaluate_every, {.at_least = 0, .at_most = most_steps},
            "steps between errors against the reference; 0: at the end only");
  v.integer("threads", threads, {.at_least = 0, .at_most = 1024},
            "of training; 0: those of the call");
}

}  // namespace understudy::pinn
