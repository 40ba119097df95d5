// Energy by the machine's counters, over a made-up tree of them.
#include "core/energy.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "support/scratch.hpp"

namespace understudy::core {

namespace {

namespace fs = std::filesystem;

struct Tree {
  Comm comm = Comm::world();
  tests::Scratch scratch{comm};
  fs::path root = scratch / "powercap";

  void write(const std::string& zone, const std::string& file, const std::string& text) const {
    if (comm.is_root()) {
      fs::create_directories(root / zone);
      std::ofstream(root / zone / file) << text << "\n";
    }
    comm.barrier();
  }
  void zone(const std::string& zone, const std::string& name, long long energy_uj) const {
    write(zone, "name", name);
    write(zone, "energy_uj", std::to_string(energy_uj));
    write(zone, "max_energy_range_uj", "999999");
  }
  EnergyMeter meter(bool gpu = false) const {
    comm.barrier();
    return {comm, {root, "libnothing-of-that-name.so", gpu}};
  }
};

}  // namespace

TEST(CoreEnergy, SumsPackagesAndMemoryAndNothingTwice) {
  const Tree tree;
  tree.zone("intel-rapl:0", "package-0", 100);
  tree.zone("intel-rapl:0:0", "core", 10);
  tree.zone("intel-rapl:0:1", "dram", 200);
  tree.zone("intel-rapl:1", "package-1", 300);
  tree.zone("intel-rapl:2", "psys", 400);
  tree.zone("intel-rapl-mmio:0", "package-0", 100);
  const EnergyMeter meter = tree.meter();
  ASSERT_TRUE(meter.available()) << meter.reason();
  EXPECT_EQ(meter.sources(), "package-0, dram, package-1");
  double joules = 0;
  {
    const ScopedEnergy scope(meter, joules);
    tree.zone("intel-rapl:0", "package-0", 1100);  // 1000
    tree.zone("intel-rapl:0:0", "core", 999);      // a part of the package
    tree.zone("intel-rapl:0:1", "dram", 250);      // 50
    tree.zone("intel-rapl:1", "package-1", 310);   // 10
    tree.zone("intel-rapl:2", "psys", 9999);       // holds the packages
  }
  tree.comm.barrier();
  // Of the machine's ranks one counts.
  EXPECT_NEAR(tree.comm.sum(joules), 1060e-6, 1e-12);
}

TEST(CoreEnergy, ACounterThatStartsAgainGoesOn) {
  const Tree tree;
  tree.zone("intel-rapl:0", "package-0", 999990);
  const EnergyMeter meter = tree.meter();
  const auto before = meter.read();
  tree.comm.barrier();
  tree.zone("intel-rapl:0", "package-0", 5);
  EXPECT_NEAR(tree.comm.sum(meter.joules(before, meter.read())), 15e-6, 1e-12);
  tree.comm.barrier();
}

// The stand-in's GPU uses 2 J from one reading to the next; ranks of one machine share it.
TEST(CoreEnergy, AddsTheGpuByTheManagementLibrary) {
  const Tree tree;
  tree.zone("intel-rapl:0", "package-0", 0);
  const EnergyMeter meter(tree.comm, {tree.root, FAKE_NVML, true});
  ASSERT_TRUE(meter.available()) << meter.reason();
  EXPECT_EQ(meter.sources(), "package-0, GPU");
  const auto before = meter.read();
  tree.comm.barrier();
  tree.zone("intel-rapl:0", "package-0", 500000);
  EXPECT_NEAR(tree.comm.sum(meter.joules(before, meter.read())), 2.5, 1e-12);
  tree.comm.barrier();
}

TEST(CoreEnergy, SaysWhyThereIsNone) {
  const Tree tree;
  const EnergyMeter none = tree.meter();
  EXPECT_FALSE(none.available());
  EXPECT_NE(none.reason().find("has no energy counter of a processor"), std::string::npos);
  double joules = 0;
  {
    const ScopedEnergy scope(none, joules);
  }
  EXPECT_EQ(joules, 0);

  tree.zone("intel-rapl:0", "package-0", 1);
  const EnergyMeter no_gpu = tree.meter(true);
  EXPECT_FALSE(no_gpu.available());
  EXPECT_NE(no_gpu.reason().find("libnothing-of-that-name.so cannot be loaded"), std::string::npos)
      << no_gpu.reason();

  tree.write("intel-rapl:0", "energy_uj", "nothing");
  const EnergyMeter damaged = tree.meter();
  EXPECT_FALSE(damaged.available());
  EXPECT_NE(damaged.reason().find("intel-rapl:0/energy_uj cannot be read"), std::string::npos)
      << damaged.reason();
}

TEST(CoreEnergy, ACounterThatVanishesMakesTheResultUnknown) {
  const Tree tree;
  tree.zone("intel-rapl:0", "package-0", 10);
  const EnergyMeter meter = tree.meter();
  const auto before = meter.read();
  tree.comm.barrier();
  tree.write("intel-rapl:0", "energy_uj", "");
  const double joules = meter.joules(before, meter.read());
  EXPECT_TRUE(std::isnan(tree.comm.sum(joules)));
  tree.comm.barrier();
}

}  // namespace understudy::core
