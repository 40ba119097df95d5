// Runs the understudy executable as a person does, for the system tests.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/scratch.hpp"

namespace understudy::tests {

namespace fs = std::filesystem;

inline std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void spit(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Byte for byte; says where the first difference is and does not print the files.
inline void expect_same_file(const fs::path& a, const fs::path& b) {
  const std::string x = slurp(a), y = slurp(b);
  EXPECT_GT(x.size(), 0u) << a;
  const auto [at, other] = std::mismatch(x.begin(), x.end(), y.begin(), y.end());
  EXPECT_TRUE(at == x.end() && other == y.end())
      << a << " and " << b << " differ at byte " << at - x.begin() << " (line "
      << 1 + std::count(x.begin(), at, '\n') << ")";
}

inline std::string deck(const std::string& name) {
  return std::string(UNDERSTUDY_SOURCE_DIR) + "/inputs/flow/" + name + ".yaml";
}

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

struct Call {
  std::vector<std::string> arguments;
  int ranks = 1;
  long file_size_limit = 0;  ///< bytes; 0: none
  long data_limit = 0;       ///< of the process's own memory (ulimit -d), bytes; 0: none
};

/// A started process.
class Process {
 public:
  explicit Process(const Call& call) {
    const auto words = command(call);
    const auto variables = environment();
    id_ = fork();
    if (id_ == 0) run(words, variables, call);
  }

  int id() const { return id_; }

  Outcome wait() {
    int status = 0;
    waitpid(id_, &status, 0);
    Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), slurp(out_),
                    slurp(err_)};
    return outcome;
  }

 private:
  static std::vector<std::string> command(const Call& call) {
    std::vector<std::string> words;
    if (call.ranks > 1)
      words = {"mpirun",
               "--allow-run-as-root",
               "--oversubscribe",
               "--mca",
               "btl",
               "self,sm",
               "--mca",
               "mpi_yield_when_idle",
               "1",
               "-n",
               std::to_string(call.ranks)};
    words.push_back(UNDERSTUDY_EXECUTABLE);
    words.insert(words.end(), call.arguments.begin(), call.arguments.end());
    return words;
  }

  // Without what this process's own MPI left there: the child is a job of its own.
  static std::vector<std::string> environment() {
    std::vector<std::string> variables;
    for (char** v = environ; *v; ++v) {
      const std::string variable = *v;
      bool mpi = false;
      for (const char* prefix : {"OMPI_", "PMIX_", "PRTE_", "PMI_"})
        mpi |= variable.starts_with(prefix);
      if (!mpi) variables.push_back(variable);
    }
    return variables;
  }

  static std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> list;
    for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
    list.push_back(nullptr);
    return list;
  }

  template <class Resource>
  static void limit(Resource resource, long bytes) {
    const rlimit both{static_cast<rlim_t>(bytes), static_cast<rlim_t>(bytes)};
    setrlimit(resource, &both);
  }

  [[noreturn]] void run(const std::vector<std::string>& words,
                        const std::vector<std::string>& variables, const Call& call) const {
    dup2(open(out_.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), STDOUT_FILENO);
    dup2(open(err_.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600), STDERR_FILENO);
    if (call.data_limit > 0) limit(RLIMIT_DATA, call.data_limit);
    if (call.file_size_limit > 0) {
      limit(RLIMIT_FSIZE, call.file_size_limit);
      // Ignored from the start: MPI meets the limit too, before the program sets its own handlers.
      std::signal(SIGXFSZ, SIG_IGN);
    }
    execvpe(words[0].c_str(), pointers(words).data(), pointers(variables).data());
    _exit(127);
  }

  int id_ = -1;
  Scratch folder_{core::Comm::self()};
  std::string out_ = folder_ / "out", err_ = folder_ / "err";
};

inline Outcome understudy(std::vector<std::string> arguments, int ranks = 1) {
  return Process({std::move(arguments), ranks}).wait();
}

/// A user error whose message has all of `parts`; nothing on the standard output.
inline void expect_refused(const Outcome& outcome, const std::vector<std::string>& parts) {
  EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
  for (const auto& part : parts)
    EXPECT_NE(outcome.err.find(part), std::string::npos)
        << "wanted: " << part << "\ngot: " << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

inline nlohmann::json summary(const fs::path& out) {
  return nlohmann::json::parse(slurp(out / "summary.json"));
}

/// "--set" before each.
inline void add_settings(std::vector<std::string>& arguments,
                         const std::vector<std::string>& settings) {
  for (const auto& setting : settings) {
    arguments.push_back("--set");
    arguments.push_back(setting);
  }
}

/// `arguments` with two lists of settings: a test's own small case, and what one call adds.
inline std::vector<std::string> with_settings(std::vector<std::string> arguments,
                                              const std::vector<std::string>& small,
                                              const std::vector<std::string>& more) {
  add_settings(arguments, small);
  add_settings(arguments, more);
  return arguments;
}

}  // namespace understudy::tests
