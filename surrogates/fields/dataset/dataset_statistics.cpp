#include "surrogates/fields/dataset/dataset_statistics.hpp"

#include <algorithm>
#include <cmath>

#include "core/atomic_file.hpp"
#include "core/error.hpp"
#include "core/format.hpp"
#include "surrogates/fields/dataset/dataset_layout.hpp"

namespace understudy::surrogates {

namespace {

// Of one quantity: number, sum and sum of squares, of values less `shift` (a large mean would cost digits).
struct Sums {
  double count = 0, sum = 0, square = 0, shift = 0;

  void add(double value) {
    value -= shift;
    ++count;
    sum += value;
    square += value * value;
  }
  double mean() const { return shift + sum / count; }
  double deviation() const {
    const double mean_square = square / count, mean_of_shifted = sum / count;
    return std::sqrt(std::max(0.0, mean_square - mean_of_shifted * mean_of_shifted));
  }
  double rms() const { return std::hypot(mean(), deviation()); }
};

struct Channel {
  std::string name;
  Sums value, change;
};

std::vector<std::string> names_of(const DatasetReader& data, mesh::Role role) {
  std::vector<std::string> names;
  for (const auto& field : data.info().fields)
    for (int c = 0; c < field.components && field.role == role; ++c)
      names.push_back(layout::channel_name(field, c));
  return names;
}

// Values [channel, cell] of one sample; all of the same length.
void add_values(std::vector<Channel>& channels, const std::vector<float>& values) {
  const std::size_t size = values.size() / channels.size();
  for (std::size_t n = 0; n < values.size(); ++n) channels[n / size].value.add(values[n]);
}

void add_sample(const DatasetReader& data, int sample, std::vector<Channel>& varying,
                std::vector<Channel>& fixed) {
  if (!fixed.empty()) add_values(fixed, data.fixed(sample));
  if (varying.empty()) return;
  std::vector<float> before;
  for (long long frame = 0; frame < data.samples()[sample].frames; ++frame) {
    auto values = data.prognostic(sample, frame, 1);
    add_values(varying, values);
    const std::size_t size = values.size() / varying.size();
    for (std::size_t n = 0; n < before.size(); ++n)
      varying[n / size].change.add(double(values[n]) - double(before[n]));
    before = std::move(values);
  }
}

void add_over_ranks(std::vector<Channel>& channels, const core::Comm& comm) {
  std::vector<double> all;
  for (const Channel& c : channels)
    for (const Sums* s : {&c.value, &c.change})
      all.insert(all.end(), {s->count, s->sum, s->square});
  comm.sum(std::span<double>(all));
  auto from = all.begin();
  for (Channel& c : channels)
    for (Sums* s : {&c.value, &c.change}) {
      s->count = *from++;
      s->sum = *from++;
      s->square = *from++;
    }
}

std::filesystem::path statistics_path(const std::filesystem::path& directory) {
  return directory / "stats.yaml";
}

std::string section(const char* name, const std::vector<const Channel*>& channels,
                    Sums Channel::* of, double (Sums::*measure)() const) {
  std::string text = core::format("{}:\n", name);
  for (const Channel* c : channels)
    if ((c->*of).count > 0) text += core::format("  {}: {:.6e}\n", c->name, ((c->*of).*measure)());
  return text;
}

// Every rank starts from the first sample's first values.
std::vector<Channel> channels_of(const std::vector<std::string>& names,
                                 const std::vector<float>& values) {
  std::vector<Channel> channels;
  for (const auto& name : names) {
    Channel channel{name, {}, {}};
    channel.value.shift = values[channels.size() * (values.size() / names.size())];
    channels.push_back(channel);
  }
  return channels;
}

}  // namespace

void write_statistics(const std::filesystem::path& directory, const core::Comm& comm) {
  const DatasetReader data(directory);
  const auto samples = data.samples_of("train");
  if (samples.empty()) return;
  const auto names = names_of(data, mesh::Role::prognostic),
             fixed_names = names_of(data, mesh::Role::fixed);
  std::vector<Channel> varying, fixed;
  std::string error;
  try {
    if (!names.empty()) varying = channels_of(names, data.prognostic(samples[0], 0, 1));
    if (!fixed_names.empty()) fixed = channels_of(fixed_names, data.fixed(samples[0]));
    for (std::size_t n = comm.rank(); n < samples.size(); n += comm.size())
      add_sample(data, samples[n], varying, fixed);
  } catch (const core::UserError& e) {
    error = e.what();
  }
  comm.throw_on_all_ranks<core::UserError>(error);
  add_over_ranks(varying, comm);
  add_over_ranks(fixed, comm);
  std::vector<const Channel*> all;
  for (const auto* channels : {&varying, &fixed})
    for (const Channel& c : *channels) all.push_back(&c);
  comm.on_root<core::UserError>([&] {
    core::write_file(statistics_path(directory),
                     section("mean", all, &Channel::value, &Sums::mean) +
                         section("mean_delta", all, &Channel::change, &Sums::mean) +
                         section("rms", all, &Channel::value, &Sums::rms) +
                         section("rms_delta", all, &Channel::change, &Sums::rms) +
                         section("std", all, &Channel::value, &Sums::deviation) +
                         section("std_delta", all, &Channel::change, &Sums::deviation));
  });
}

bool has_statistics(const std::filesystem::path& directory, const core::Comm& comm) {
  std::error_code code;
  bool there = comm.is_root() && std::filesystem::exists(statistics_path(directory), code);
  comm.broadcast(&there, sizeof there);
  return there;
}

void remove_statistics(const std::filesystem::path& directory, const core::Comm& comm) {
  std::error_code code;
  if (comm.is_root()) std::filesystem::remove(statistics_path(directory), code);
}

}  // namespace understudy::surrogates
