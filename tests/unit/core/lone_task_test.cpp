#include "core/lone_task.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using understudy::core::lone_task;

class LoneTask : public testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    for (const char* name : {"SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
      unsetenv(name);
  }
};

TEST_F(LoneTask, OneOfManyTasksThatMpiDoesNotKnowIsWarned) {
  setenv("SLURM_STEP_NUM_TASKS", "8", 1);
  const auto text = lone_task(1);
  EXPECT_NE(text.find("srun started 8 tasks"), std::string::npos) << text;
  EXPECT_NE(text.find("--mpi=pmix"), std::string::npos) << text;
}

TEST_F(LoneTask, RanksThatKnowEachOtherAreNot) {
  setenv("SLURM_STEP_NUM_TASKS", "8", 1);
  EXPECT_EQ(lone_task(8), "");
}

// srun --mpi=pmi2 tells its tasks how many there are, and an MPI that speaks PMIx alone does not listen.
TEST_F(LoneTask, OneOfManyThatSrunToldSoInVainIsWarned) {
  setenv("SLURM_STEP_NUM_TASKS", "8", 1);
  setenv("PMI_SIZE", "8", 1);
  EXPECT_NE(lone_task(1).find("srun started 8 tasks"), std::string::npos);
  setenv("PMI_SIZE", "1", 1);
  EXPECT_EQ(lone_task(1), "");
}

TEST_F(LoneTask, NeitherIsTheOnlyTaskNorAProcessOutsideSlurm) {
  EXPECT_EQ(lone_task(1), "");
  setenv("SLURM_STEP_NUM_TASKS", "1", 1);
  EXPECT_EQ(lone_task(1), "");
}

TEST_F(LoneTask, NorTheOnlyRankOfMpirunWithinAStep) {
  setenv("SLURM_STEP_NUM_TASKS", "2", 1);
  setenv("OMPI_COMM_WORLD_SIZE", "1", 1);
  EXPECT_EQ(lone_task(1), "");
}

}  // namespace
