// The app and the network as a plugin: `understudy --plugin libgray_scott.so study gray_scott.yaml`.
#include "apps/plugin.hpp"
#include "examples/gray_scott/app.hpp"
#include "examples/gray_scott/local_network.hpp"

namespace {

void add(understudy::Plugins& to) {
  gray_scott::add_local_network();
  to.apps.push_back(gray_scott::app());
}

constexpr understudy::PluginInfo info{understudy::plugin_stamp, add};

}  // namespace

const understudy::PluginInfo* understudy_plugin() { return &info; }
