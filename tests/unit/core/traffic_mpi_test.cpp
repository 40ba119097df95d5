// What a rank has sent is counted: messages to others, their bytes, and collectives of more than one rank.
#include "core/traffic.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>

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
  std::array<float, 3> values{1, 2, 3};
  world.sum(std::span<float>(values));
  std::array<Comm::Request, 1> begun{world.begin_sum(std::span<float>(values))};
  Comm::wait(begun);
  world.all_gather(std::as_bytes(std::span(values)));
  world.broadcast(values.data(), sizeof values);
  // What is gathered has its size, an int, sent before it.
  EXPECT_EQ(traffic().collectives - start.collectives, several ? 7 : 0);
  EXPECT_EQ(traffic().collective_bytes - start.collective_bytes, several ? 8 + 4 * 12 + 4 : 0);
  world.gather(std::as_bytes(std::span(values)));
  EXPECT_EQ(traffic().collectives - start.collectives, several ? 9 : 0);
  EXPECT_EQ(traffic().collective_bytes - start.collective_bytes, several ? 56 + 4 + 16 : 0);
  // And a text its length, of eight bytes.
  world.broadcast(std::string("abc"));
  EXPECT_EQ(traffic().collectives - start.collectives, several ? 11 : 0);
  EXPECT_EQ(traffic().collective_bytes - start.collective_bytes, several ? 76 + 8 + 3 : 0);
  const Comm self = Comm::self();
  self.sum(1.0);
  EXPECT_EQ((traffic() - start).collectives, several ? 11 : 0);
}

#ifdef UNDERSTUDY_WITH_MPI
TEST(Traffic, TakesWhatALibrarySays) {
  const Traffic start = traffic();
  add_traffic({.messages = 3, .bytes = 70, .collectives = 2, .collective_bytes = 16});
  Traffic sent{.messages = 1};
  sent += traffic() - start;
  EXPECT_EQ(sent.messages, 4);
  EXPECT_EQ(sent.bytes, 70);
  EXPECT_EQ(sent.collectives, 2);
  EXPECT_EQ(sent.collective_bytes, 16);
}
#endif

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
