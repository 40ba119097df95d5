// A disk that is full in mid-write, played by a limit on the size of files (the system then refuses the
// write as it does on a full disk): datasets and weights say so, and what was there before still stands.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/file_size_limit.hpp"
#include "support/surrogates_synthetic.hpp"
#include "surrogates/network/network.hpp"

namespace understudy {

using namespace surrogates;

TEST(FullDisk, LeavesNoHalfWrittenSample) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("full_disk_dataset", comm);
  tests::write_sample<float>(folder, true, 0, "train", 3, comm);
  std::string text;
  {
    const tests::FileSizeLimit limit(100000);
    try {
      tests::write_sample<float>(folder, true, 0, "train", 200, comm);
    } catch (const core::UserError& error) {
      text = error.what();
    }
  }
  comm.barrier();
  EXPECT_NE(text.find("sample_0.hdf5"), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(folder / "train" / "sample_0.hdf5.partial"));
  const DatasetReader reader(folder);
  ASSERT_EQ(reader.samples().size(), 1u);
  EXPECT_EQ(reader.samples()[0].frames, 3) << "the previous file must stand";
  EXPECT_NO_THROW(reader.prognostic(0, 0, 3));
}

TEST(FullDisk, KeepsThePreviousWeights) {
  const auto comm = core::Comm::world();
  const auto folder = tests::fresh_folder("full_disk_weights", comm);
  if (!comm.is_root()) return;
  NetworkParams params;
  params.width = 8;
  params.levels = 2;
  NetworkShape shape;
  shape.prognostic = 2;
  shape.boundaries = tests::carrier_boundaries(true);
  const Network before(params, shape, 1);
  before.save_weights(folder / "weights.safetensors");
  std::string text;
  {
    const tests::FileSizeLimit limit(20000);
    const Network after(params, shape, 2);
    text = tests::error_text([&] { after.save_weights(folder / "weights.safetensors"); });
  }
  EXPECT_NE(text.find("cannot write"), std::string::npos) << text;
  EXPECT_NE(text.find("weights.safetensors"), std::string::npos) << text;
  Network again(params, shape, 3);
  EXPECT_NO_THROW(again.load_weights(folder / "weights.safetensors"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1);
}

}  // namespace understudy
