// Model folders: what was written reads back; cards of older versions load, those of newer ones do not.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/study/model_folder.hpp"
#include "core/error.hpp"

namespace understudy::apps {
namespace {

namespace fs = std::filesystem;
using surrogates::Standing;

surrogates::FieldModel model() {
  surrogates::FieldModel m;
  auto& card = m.card;
  card.card_version = surrogates::ModelCard::newest;
  card.name = "wake";
  card.network.width = 8;
  card.network.levels = 1;
  card.fields = {{"u", "m/s", "face_x", 0, 1, 0.5, 0.1, -1, 2}};
  card.parameters = {{"flow.reynolds", "1", 110, 30, 80, 140}};
  card.cases = {{"member_000", "train", {80}}, {"member_001", "valid", {1e2 + 1e-13}}};
  card.window_s = 0.5;
  card.boundaries = {"inflow", "open", "wall", "wall"};
  m.network = std::make_shared<surrogates::Network>(card.network, card.shape(), 1);
  return m;
}

std::string text_of(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Standing standing(const surrogates::ModelCard& card, double reynolds) {
  return surrogates::standing_of(card, {{"flow.reynolds", "1", reynolds}}).standing;
}

TEST(ModelFolder, KnowsTheCasesThatItWasTrainedOn) {
  const fs::path folder = "model_folder_cases";
  auto made = model();
  write_model(folder, made);
  const auto card = read_card(folder);
  ASSERT_EQ(card.cases.size(), 2u);
  EXPECT_EQ(card.cases[1].values, made.card.cases[1].values);
  EXPECT_EQ(standing(card, 80), Standing::seen);
  EXPECT_EQ(standing(card, 100), Standing::seen) << "validation chose the weights";
  EXPECT_EQ(standing(card, 120), Standing::inside);
  EXPECT_EQ(standing(card, 150), Standing::outside);
  EXPECT_EQ(surrogates::standing_of(card, {{"flow.reynolds", "1", 100}}).twin.sample, "member_001");
  EXPECT_NE(text_of(folder / "README.md").find("member_001 (valid, flow.reynolds 100)"),
            std::string::npos);
  EXPECT_NO_THROW(read_model(folder));
  fs::remove_all(folder);
}

TEST(ModelFolder, RefusesWeightsThatTheCardWasNotWrittenFor) {
  const fs::path folder = "model_folder_weights";
  auto made = model();
  write_model(folder, made);
  // Another training's weights, whole, as when a training is cut off before it writes its card.
  auto other = model();
  other.network = std::make_shared<surrogates::Network>(other.card.network, other.card.shape(), 2);
  other.network->save_weights(folder / "weights.safetensors");
  std::string text = "no error";
  try {
    read_model(folder);
  } catch (const core::UserError& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("weights.safetensors has the hash"), std::string::npos) << text;
  EXPECT_NE(text.find("was written for weights of hash"), std::string::npos) << text;
  write_card(folder, other.card);  // as cards were before they knew the hash
  EXPECT_NO_THROW(read_model(folder));
  fs::remove_all(folder);
}

TEST(ModelFolder, ReadsOlderCardsAndRefusesNewerOnes) {
  const fs::path folder = "model_folder_versions";
  auto old = model();
  old.card.cases.clear();
  write_model(folder, old);
  const std::string written = text_of(folder / "card.yaml");
  const auto line = written.find("card_version");
  ASSERT_NE(line, std::string::npos);
  const auto end = written.find('\n', line);
  // As version 1 wrote it: neither the version nor the cases.
  std::string first = written;
  first.erase(line, end + 1 - line);
  if (const auto cases = first.find("cases:"); cases != std::string::npos)
    first.erase(cases, first.find('\n', cases) + 1 - cases);
  first.erase(0, first.find('\n') + 1);
  std::ofstream(folder / "card.yaml") << first;
  const auto card = read_card(folder);
  EXPECT_EQ(card.card_version, 1);
  EXPECT_EQ(standing(card, 80), Standing::unknown);

  std::string newer = written;
  newer.replace(line, end - line, "card_version: 99");
  std::ofstream(folder / "card.yaml") << newer;
  std::string text = "no error";
  try {
    read_card(folder);
  } catch (const core::UserError& error) {
    text = error.what();
  }
  const std::string newest = std::to_string(surrogates::ModelCard::newest);
  EXPECT_NE(
      text.find("card_version: is 99; this version of the program reads cards up to " + newest),
      std::string::npos)
      << text;
  fs::remove_all(folder);
}

std::string message_of(const fs::path& folder) {
  try {
    read_model(folder);
  } catch (const core::UserError& error) {
    return error.what();
  }
  return "";
}

TEST(ModelFolder, ACardThatIsCutOffOrDamagedIsTheUsersErrorAndNamesItsLine) {
  const fs::path folder = "model_folder_damaged";
  auto made = model();
  write_model(folder, made);
  const std::string whole = text_of(folder / "card.yaml");
  EXPECT_EQ(message_of(folder), "");
  const auto said = [&](const std::string& card) {
    std::ofstream(folder / "card.yaml") << card;
    return message_of(folder);
  };
  // Wherever it ends; anything but a UserError ends the test.
  for (std::size_t size = 0; size + 1 < whole.size(); ++size)
    EXPECT_NE(said(whole.substr(0, size)).find("card.yaml:"), std::string::npos) << size;
  const auto above = whole.rfind("# checksum: ");
  const auto lines = std::count(whole.begin(), whole.begin() + std::ptrdiff_t(above), '\n');
  EXPECT_NE(said(whole.substr(0, above))
                .find("card.yaml:" + std::to_string(lines) + ": the card ends here"),
            std::string::npos);
  // A digit that no bound refuses.
  std::string other = whole;
  const auto at = other.find("window_s: 0.5");
  ASSERT_NE(at, std::string::npos);
  other.replace(at, 13, "window_s: 0.7");
  EXPECT_NE(said(other).find("damaged or edited"), std::string::npos) << said(other);
  EXPECT_EQ(said(other.substr(other.find('\n') + 1)), "") << "edited on purpose";
  // Cards of earlier versions had no checksum: cut off, they still are no bug.
  const std::string old = whole.substr(whole.find('\n') + 1, above - whole.find('\n') - 1);
  for (std::size_t size = 0; size < old.size(); ++size) said(old.substr(0, size));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace understudy::apps
