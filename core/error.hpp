// Errors as the whole project throws them. Libraries throw; only apps/main.cpp catches, prints once
// and turns the class into the process's exit code (the contract of the outputs):
//   UserError    2  the deck, a file or the command line is wrong; nothing was half-written
//   RunError     3  the run failed (non-finite state, solver without convergence); last checkpoint kept.
//                   Steppers throw it on all ranks or on none, so that a swap or a comparison may catch it
//   Interrupted  128 + signal  SIGTERM, SIGINT or a time limit; a checkpoint was written
#pragma once

#include <stdexcept>
#include <string>

namespace understudy::core {

class Error : public std::runtime_error {
 public:
  Error(std::string message, int exit_code)
      : std::runtime_error(std::move(message)), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

class UserError : public Error {
 public:
  explicit UserError(std::string message) : Error(std::move(message), 2) {}
};

class RunError : public Error {
 public:
  explicit RunError(std::string message) : Error(std::move(message), 3) {}
};

class Interrupted : public Error {
 public:
  Interrupted(std::string message, int signal) : Error(std::move(message), 128 + signal) {}
};

}  // namespace understudy::core
