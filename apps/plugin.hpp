// What a plugin includes: a shared library that brings apps, problems, networks and gates to the program
// understudy, which loads it (`understudy --plugin libmine.so run mine.yaml`, or the deck's `plugins:`;
// docs/library.md, "Plugins"). It has one function of C, which says what it was built for and brings its parts:
//
//   namespace {
//   void add(understudy::Plugins& to) {
//     add_my_network();                                              // surrogates::add_network(...)
//     to.apps.push_back(understudy::apps::simulation_app(make_my_physics));
//   }
//   constexpr understudy::PluginInfo info{understudy::plugin_stamp, add};
//   }  // namespace
//
//   const understudy::PluginInfo* understudy_plugin() { return &info; }
//
// It is built by understudy_add_plugin() of the installed package, against the very headers of the program: types
// of C++ cross between them, and nothing but the stamp says whether both mean the same by them.
#pragma once

#include <Kokkos_Macros.hpp>
#include <vector>

#include "apps/plugin_build.hpp"
#include "apps/study/study.hpp"
#include "pinn/problem_info.hpp"
#include "surrogates/swap/gate_entry.hpp"

#define UNDERSTUDY_TEXT_OF(x) #x
#define UNDERSTUDY_VALUE_OF(x) UNDERSTUDY_TEXT_OF(x)
#ifdef __clang__
#define UNDERSTUDY_STAMP_COMPILER "clang " __clang_version__
#else
#define UNDERSTUDY_STAMP_COMPILER "g++ " __VERSION__
#endif
#if defined(KOKKOS_ENABLE_CUDA)
#define UNDERSTUDY_STAMP_DEVICE ", CUDA"
#elif defined(KOKKOS_ENABLE_HIP)
#define UNDERSTUDY_STAMP_DEVICE ", HIP"
#else
#define UNDERSTUDY_STAMP_DEVICE ""
#endif
#ifdef KOKKOS_ENABLE_OPENMP
#define UNDERSTUDY_STAMP_THREADS ", OpenMP"
#else
#define UNDERSTUDY_STAMP_THREADS ", no OpenMP"
#endif
#ifdef UNDERSTUDY_WITH_MPI
#define UNDERSTUDY_STAMP_MPI ", MPI"
#else
#define UNDERSTUDY_STAMP_MPI ", no MPI"
#endif
#ifdef KOKKOS_ENABLE_DEBUG_BOUNDS_CHECK
#define UNDERSTUDY_STAMP_BOUNDS ", bounds checks"
#else
#define UNDERSTUDY_STAMP_BOUNDS ""
#endif
#ifdef UNDERSTUDY_DEVICE_LOOPS
#define UNDERSTUDY_STAMP_LOOPS ", device loops"
#else
#define UNDERSTUDY_STAMP_LOOPS ""
#endif
#ifdef _GLIBCXX_DEBUG
#define UNDERSTUDY_STAMP_LIBRARY ", checked containers"
#else
#define UNDERSTUDY_STAMP_LIBRARY ""
#endif

namespace understudy {

/// Of this compilation, "understudy plugin for 0.2.0, ...": version, hash of all rooms' headers, compiler,
/// libraries, what was switched on. A constant of each file that includes this, and no inline function or
/// variable: of those the program's would take the place of the plugin's, and all stamps would be alike.
constexpr char plugin_stamp[] =
    "understudy plugin for " UNDERSTUDY_PLUGIN_VERSION ", headers " UNDERSTUDY_PLUGIN_HEADERS
    ", " UNDERSTUDY_STAMP_COMPILER ", Kokkos " UNDERSTUDY_VALUE_OF(KOKKOS_VERSION)
        UNDERSTUDY_STAMP_THREADS UNDERSTUDY_STAMP_DEVICE
    ", LibTorch " UNDERSTUDY_PLUGIN_TORCH UNDERSTUDY_STAMP_MPI UNDERSTUDY_STAMP_BOUNDS
        UNDERSTUDY_STAMP_LOOPS UNDERSTUDY_STAMP_LIBRARY;

/// What a plugin brings beside the networks that its `add` notes itself (surrogates::add_network).
/// A physics' own gates need no line here (Physics::own_gates).
struct Plugins {
  std::vector<apps::App> apps;               ///< as the lines of apps/catalog.cpp
  std::vector<pinn::ProblemEntry> problems;  ///< for decks with app: pinn
  std::vector<surrogates::GateEntry> gates;  ///< for decks of every simulation
};

struct PluginInfo {
  const char* stamp;  ///< plugin_stamp
  /// Called once, before the deck's study is made and perhaps before Kokkos and MPI start.
  void (*add)(Plugins&);
};

}  // namespace understudy

#undef UNDERSTUDY_TEXT_OF
#undef UNDERSTUDY_VALUE_OF
#undef UNDERSTUDY_STAMP_COMPILER
#undef UNDERSTUDY_STAMP_DEVICE
#undef UNDERSTUDY_STAMP_THREADS
#undef UNDERSTUDY_STAMP_MPI
#undef UNDERSTUDY_STAMP_BOUNDS
#undef UNDERSTUDY_STAMP_LOOPS
#undef UNDERSTUDY_STAMP_LIBRARY

/// The plugin defines it. What it returns lives as long as the program.
extern "C" [[gnu::visibility("default")]] const understudy::PluginInfo* understudy_plugin();
