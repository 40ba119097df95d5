// SHA-256 of what comes in pieces, and of files.
#include "core/sha256.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/provenance.hpp"
#include "support/scratch.hpp"

namespace understudy::core {

TEST(Sha256, DoesNotDependOnThePieces) {
  // Around the lengths at which a block, and the length behind it, are full.
  for (const std::size_t length : {0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000}) {
    std::string text;
    for (std::size_t n = 0; n < length; ++n) text += static_cast<char>(n * 7 + 3);
    for (const std::size_t piece : {1, 3, 55, 64, 100}) {
      Sha256 hash;
      for (std::size_t at = 0; at < length; at += piece)
        hash.add(text.data() + at, std::min(piece, length - at));
      EXPECT_EQ(hash.hex(), sha256(text)) << length << " in pieces of " << piece;
    }
  }
}

// FIPS 180-4's examples, of NIST: 896 bits, and of more than a block in one piece.
TEST(Sha256, MatchesPublishedVectorsInPieces) {
  const std::string text =
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqr"
      "smnopqrstnopqrstu";
  Sha256 hash;
  hash.add(text.data(), 100);
  hash.add(text.data() + 100, text.size() - 100);
  EXPECT_EQ(hash.hex(), "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
  const tests::Scratch folder(Comm::self());
  for (const std::size_t length : {0, 10, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20}) {
    std::string text(length, 'x');
    if (!text.empty()) text.back() = 'y';
    write_file(folder / "file", text);
    EXPECT_EQ(sha256_of_file(folder / "file"), sha256(text)) << length;
  }
}

TEST(Sha256, OfWhatIsNoFileIsRefused) {
  const tests::Scratch folder(Comm::self());
  for (const auto& path : {folder / "missing", folder.path()}) try {
      sha256_of_file(path);
      FAIL() << path;
    } catch (const UserError& error) {
      EXPECT_NE(std::string(error.what()).find("cannot read " + path.string()), std::string::npos)
          << error.what();
    }
}

}  // namespace understudy::core
