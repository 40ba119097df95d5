// What a program includes that brings a solver of its own and lets a surrogate stand in for it: grid and
// fields, Stepper, dataset, training, swap and comparison. #include <understudy/stepper.hpp>, link
// Understudy::surrogates.
#pragma once

#include "core/runtime.hpp"
#include "mesh/box_grid.hpp"
#include "mesh/halo.hpp"
#include "mesh/loops.hpp"
#include "solvers/stepper.hpp"
#include "surrogates/comparison/comparison.hpp"
#include "surrogates/fields/dataset/dataset.hpp"
#include "surrogates/fields/describe.hpp"
#include "surrogates/fields/surrogate_stepper.hpp"
#include "surrogates/fields/training.hpp"
#include "surrogates/swap/swap.hpp"
