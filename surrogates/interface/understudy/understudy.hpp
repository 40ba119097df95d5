// What a program includes whose computation on batches of points is collected and replaced:
// #include <understudy/understudy.hpp>, link Understudy::surrogates. A program that brings a solver of its
// own includes <understudy/stepper.hpp>.
#pragma once

#include "core/fortran_comm.hpp"
#include "core/runtime.hpp"
#include "surrogates/sub_model/sub_model.hpp"
