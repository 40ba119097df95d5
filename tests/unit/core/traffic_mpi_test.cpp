// What a rank has sent is counted: messages to others, their bytes, and collectives of more than one rank.
#include "core/traffic.hpp"

#include <gtest/gtest.h>

#include <array>

#include "core/comm.hpp"
#include "core/log_level.hpp"

namespace understudy::core {
namespace {

TEST(Traffic, CountsMessagesToOthersAndCollectives) {
  const Comm world = Comm::world();
  const bool several = world.size() > 1;
  const int next = (world.rank() + 1) % world.size(),
            before = (world.rank() + world.size() - 1) % world.size();
  const Traffic start = traffic();
  std::array<double, 5> out{}, in{};
  std::array<Comm::Request, 2> requests{world.send(out.data(), sizeof out, next, 3),
                                        world.receive(in.data(), sizeof in, before, 3)};
  Comm::wait(requests);
  EXPECT_EQ(traffic().messages - start.messages, several ? 1 : 0);
  EXPECT_EQ(traffic().bytes - start.bytes, several ? 40 : 0);
  EXPECT_EQ(traffic().collectives, start.collectives);
  world.sum(1.0);
  world.barrier();
  EXPECT_EQ(traffic().collectives - start.collectives, several ? 2 : 0);
  EXPECT_EQ(traffic().collective_bytes - start.collective_bytes, several ? 8 : 0);
  std::array<float, 6> values{};
  std::array<Comm::Request, 1> sum{world.begin_sum(values)};
  Comm::wait(sum);
  EXPECT_EQ(traffic().collective_bytes - start.collective_bytes, several ? 32 : 0);
  const Comm self = Comm::self();
  self.sum(1.0);
  EXPECT_EQ(traffic().collectives - start.collectives, several ? 3 : 0);
  EXPECT_EQ(traffic().collective_bytes - start.collective_bytes, several ? 32 : 0);
}

TEST(LogLevel, IsRaisedForAWhileAndNeverLowered) {
  const log::Level before = log::level();
  {
    const log::AtLeast quiet(log::Level::error);
    EXPECT_EQ(log::level(), log::Level::error);
    const log::AtLeast louder(log::Level::debug);
    EXPECT_EQ(log::level(), log::Level::error);
  }
  EXPECT_EQ(log::level(), before);
}

}  // namespace
}  // namespace understudy::core
