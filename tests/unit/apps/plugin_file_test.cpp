// What is known of plugins before one is loaded: the command line's and the deck's, and the stamp in a file.
#include <gtest/gtest.h>

#include "apps/plugin_loader.hpp"
#include "core/error.hpp"

namespace understudy::apps {
namespace {

PluginArguments arguments_of(std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  PluginArguments all = plugin_arguments(static_cast<int>(pointers.size()), pointers.data());
  std::string rest;
  for (const char* word : all.rest) rest += std::string(word) + ' ';
  EXPECT_EQ(rest.find("--plugin "), std::string::npos) << rest;
  return all;
}

TEST(PluginFile, ArgumentsAreTakenWhereverTheyStand) {
  const auto none = arguments_of({"understudy", "run", "a.yaml", "--set", "a=b"});
  EXPECT_EQ(none.rest.size(), 5u);
  EXPECT_TRUE(none.files.empty());
  const auto both = arguments_of(
      {"understudy", "--plugin", "a.so", "run", "--plugin=b.so", "deck.yaml", "--plugin", "c.so"});
  EXPECT_EQ(both.files, (std::vector<std::string>{"a.so", "b.so", "c.so"}));
  EXPECT_EQ(both.rest.size(), 3u);
  EXPECT_EQ(both.refused, "");
  EXPECT_NE(arguments_of({"understudy", "run", "--plugin="}).refused, "");
  EXPECT_NE(arguments_of({"understudy", "run", "--plugin"}).refused, "");
  // Another option of which it is the beginning is none.
  EXPECT_EQ(arguments_of({"understudy", "--plugins", "a"}).rest.size(), 3u);
}

TEST(PluginFile, ADecksPluginsAreAListOfFiles) {
  DeckTree tree = DeckTree::parse("app: flow\nplugins: [a.so, \"b c.so\"]\nseed: 2\n", "deck");
  EXPECT_EQ(plugins_of(tree), (std::vector<std::string>{"a.so", "b c.so"}));
  EXPECT_EQ(take_plugins(tree), (std::vector<std::string>{"a.so", "b c.so"}));
  EXPECT_EQ(tree.root.keys, (std::vector<std::string>{"app", "seed"}));
  EXPECT_EQ(tree.root.find("seed")->text, "2");
  EXPECT_TRUE(take_plugins(tree).empty());
  for (const char* wrong : {"plugins: a.so\n", "plugins: {a: b}\n", "plugins: [[a.so]]\n",
                            "plugins: ['']\n", "plugins:\n"})
    EXPECT_THROW(plugins_of(DeckTree::parse(wrong, "deck")), core::UserError) << wrong;
}

TEST(PluginFile, TheCodeOfAResultNamesItsPlugins) {
  EXPECT_EQ(code_with_plugins("abc123-dirty", {}), "abc123-dirty");
  const PluginRecord mine{"lib/libmine.so", "1a2b3c4d5e6f", "", ""};
  const PluginRecord another{"/opt/libanother.so", "00112233445566", "", ""};
  EXPECT_EQ(code_with_plugins("abc123", {mine}), "abc123+libmine.so:1a2b3c4d");
  EXPECT_EQ(code_with_plugins("abc123", {mine, another}),
            "abc123+libanother.so:00112233+libmine.so:1a2b3c4d");
  EXPECT_EQ(code_with_plugins("abc123", {mine, another}),
            code_with_plugins("abc123", {another, mine}));
}

TEST(PluginFile, TheStampIsFoundInTheBytes) {
  const std::string own = "understudy plugin for 1.2.3, headers 0, g++ 1";
  const std::string other = "understudy plugin for 1.2.2, headers 9, g++ 1";
  const std::string words = "understudy plugin for beginners";
  const std::string zero(1, '\0'), before = "\x7f" + std::string("ELF") + zero + "\1";
  EXPECT_EQ(stamp_in(before + own + zero + "more", own), own);
  // Its own texts, and what was built for another program, may come first.
  EXPECT_EQ(stamp_in(before + words + zero + other + zero + own + zero, own), own);
  EXPECT_EQ(stamp_in(before + words + zero + other + zero, own), other);
  EXPECT_EQ(stamp_in(before + words + zero, own), words);
  // One that goes on where this program's ends is another one.
  EXPECT_EQ(stamp_in(before + own + ", MPI" + zero, own), own + ", MPI");
  EXPECT_EQ(stamp_in(before + other, own), other);
  EXPECT_EQ(stamp_in("understudy plugin", own), "");
  EXPECT_EQ(stamp_in("", own), "");
}

}  // namespace
}  // namespace understudy::apps
