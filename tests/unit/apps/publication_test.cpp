// The deck's section `publication`, and what the cards are written with.
#include "apps/study/publication.hpp"

#include <gtest/gtest.h>

#include "apps/deck/deck_reader.hpp"
#include "apps/deck/deck_tree.hpp"
#include "apps/study/card_text.hpp"
#include "core/error.hpp"

namespace understudy::apps {
namespace {

PublicationParams read(const std::string& text) {
  PublicationParams params;
  read_deck(DeckTree::parse(text, "deck.yaml"), params);
  return params;
}

void expect_refused(const std::string& text, const std::vector<std::string>& parts) {
  try {
    read(text);
    ADD_FAILURE() << "taken: " << text;
  } catch (const core::UserError& error) {
    for (const auto& part : parts)
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << "'" << part << "' is not in: " << error.what();
  }
}

}  // namespace

TEST(Publication, TakesWhatIsValid) {
  const auto p = read(R"(license: CC-BY-4.0
creators: ["Ada L. <https://orcid.org/0000-0002-1825-0097>", "Émilie du Châtelet"]
version: 2.10.0
date: "2024-02-29"
url: https://example.org/data?x=1
)");
  EXPECT_EQ(license_address(p.license), "https://spdx.org/licenses/CC-BY-4.0");
  EXPECT_EQ(creator_of(p.creators[0]).name, "Ada L.");
  EXPECT_EQ(creator_of(p.creators[0]).address, "https://orcid.org/0000-0002-1825-0097");
  EXPECT_EQ(creator_of(p.creators[1]).name, "Émilie du Châtelet");
  EXPECT_EQ(creator_of(p.creators[1]).address, "");
  EXPECT_EQ(license_address("https://example.org/mine"), "https://example.org/mine");
  EXPECT_EQ(license_address(""), "");
}

TEST(Publication, RefusesWhatReadersOfTheCardsWouldNotUnderstand) {
  for (const std::string license : {"do what you want", "https://", "https://a b", "ftp://x"})
    expect_refused("license: '" + license + "'",
                   {"license", license, "an address (https://...)", "SPDX (CC-BY-4.0)"});
  for (const std::string creator : {"<https://example.org>", "Ada <mail>", "A <https://x> B", ""})
    expect_refused("creators: ['" + creator + "']",
                   {"creators", "'" + creator + "'", "'Name <https://...>'"});
  for (const std::string version : {"1.0", "1", "v1.0.0", "1.0.0.0", "01.0.0", "1..0", ""})
    expect_refused("version: '" + version + "'",
                   {"version", "'" + version + "'", "MAJOR.MINOR.PATCH"});
  for (const std::string date : {"2023-02-29", "2023-13-01", "29.2.2024", "2024-2-29", "yesterday"})
    expect_refused("date: '" + date + "'", {"date", date, "YYYY-MM-DD"});
  expect_refused("url: example.org", {"url", "example.org", "https://..."});
}

TEST(CardText, ReferencesOfPathsAreValidAddresses) {
  EXPECT_EQ(path_reference("fields/fields_000001.vti"), "fields/fields_000001.vti");
  EXPECT_EQ(path_reference("a b/50%.png"), "a%20b/50%25.png");
  EXPECT_EQ(path_reference("#1?.csv"), "%231%3F.csv");
  EXPECT_EQ(path_reference("a:b"), "a%3Ab");  // else "a" were a scheme
  EXPECT_EQ(path_reference("\"<>\\^`{|}[]\n"), "%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D%0A");
  EXPECT_EQ(path_reference("面试.csv"), "面试.csv");
}

TEST(CardText, TimesAreCountedOnOverTheEndsOfDaysAndYears) {
  EXPECT_EQ(later("2024-02-28T23:59:59Z", 1), "2024-02-29T00:00:00Z");
  EXPECT_EQ(later("2023-12-31T23:59:00Z", 60), "2024-01-01T00:00:00Z");
  EXPECT_EQ(later("2024-01-01T00:00:00Z", 0), "2024-01-01T00:00:00Z");
  EXPECT_EQ(later("2024-01-01T00:00:00Z", 0.1), "2024-01-01T00:00:01Z");
  for (const std::string text : {"", "yesterday", "2024-01-01", "2024-13-01T00:00:00Z"})
    EXPECT_EQ(later(text, 5), text);
}

TEST(CardText, VersionsNameTheCommit) {
  EXPECT_EQ(code_version("0.2.0", "c2753173abcd"), "0.2.0+gc2753173abcd");
  EXPECT_EQ(code_version("0.2.0", "c2753173abcd-dirty"), "0.2.0+gc2753173abcd.dirty");
  EXPECT_EQ(code_version("0.2.0", "c275+libmy_own.so:1a2b"), "0.2.0+gc275.libmy.own.so.1a2b");
  EXPECT_EQ(code_version("0.2.0", "unknown"), "0.2.0");
}

TEST(CardText, NamesThatAreNoUtf8DoNotBreakTheFile) {
  const std::string text = file_text({{"name", "a\xff"}});
  EXPECT_EQ(nlohmann::json::parse(text)["name"], "a\xEF\xBF\xBD");
}

}  // namespace understudy::apps
