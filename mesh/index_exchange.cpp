#include "mesh/index_exchange.hpp"

#include <algorithm>

#include "core/timers.hpp"
#include "mesh/loops.hpp"

namespace understudy::mesh {

Kokkos::View<int*, Memory> device_list(const std::vector<int>& host) {
  Kokkos::View<int*, Memory> device("indices", host.size());
  const auto mirror = Kokkos::create_mirror_view(device);
  for (std::size_t n = 0; n < host.size(); ++n) mirror(n) = host[n];
  Kokkos::deep_copy(device, mirror);
  return device;
}

namespace {

// Lists of numbers to every rank, and what every rank sent to this one.
std::vector<std::vector<long long>> exchange_lists(const core::Comm& comm,
                                                   const std::vector<std::vector<long long>>& out) {
  const std::size_t ranks = out.size();
  std::vector<std::size_t> ones(ranks, sizeof(std::size_t)), places(ranks), send_bytes(ranks),
      receive_bytes(ranks), send_places(ranks), receive_places(ranks);
  for (std::size_t r = 0; r < ranks; ++r) {
    places[r] = r * sizeof(std::size_t);
    send_bytes[r] = out[r].size() * sizeof(long long);
  }
  comm.all_to_all(send_bytes.data(), ones, places, receive_bytes.data(), ones, places);
  std::vector<long long> sent, received;
  std::size_t total = 0;
  for (std::size_t r = 0; r < ranks; ++r) {
    send_places[r] = sent.size() * sizeof(long long);
    sent.insert(sent.end(), out[r].begin(), out[r].end());
    receive_places[r] = total;
    total += receive_bytes[r];
  }
  received.resize(total / sizeof(long long));
  comm.all_to_all(sent.data(), send_bytes, send_places, received.data(), receive_bytes,
                  receive_places);
  std::vector<std::vector<long long>> in(ranks);
  for (std::size_t r = 0; r < ranks; ++r) {
    const auto* first = received.data() + receive_places[r] / sizeof(long long);
    in[r].assign(first, first + receive_bytes[r] / sizeof(long long));
  }
  return in;
}

template <class Real>
void gather(const Array3<const Real>& array, const Kokkos::View<int*, Memory>& from,
            const Kokkos::View<Real*, Memory>& to, std::size_t start) {
  const Real* const source = array.data();
  Kokkos::parallel_for(
      "gather by index", Kokkos::RangePolicy<Exec>(0, from.extent(0)),
      KOKKOS_LAMBDA(int n) { to(start + n) = source[from(n)]; });
}

// Up to four arrays at once: a value of each lies side by side.
template <class Real>
struct GatherFour {
  Kokkos::View<int*, Memory> from, to;
  Kokkos::View<Real**, Kokkos::LayoutRight, Memory> values;
  int first, count;
  const Real* source[4];
  KOKKOS_INLINE_FUNCTION void operator()(const int n) const {
    Real* const out = &values(to(n), first);
    const int place = from(n);
    for (int a = 0; a < count; ++a) out[a] = source[a][place];
  }
};

}  // namespace

template <class Real>
IndexExchange<Real>::IndexExchange(const core::Comm& comm, const std::vector<long long>& wanted,
                                   const std::function<Home(long long)>& home)
    : comm_(comm), count_(wanted.size()) {
  std::vector<std::vector<long long>> asked(comm.size());
  std::vector<std::vector<int>> places(comm.size());
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    const Home there = home(wanted[n]);
    asked[there.rank].push_back(there.index);
    places[there.rank].push_back(int(n));
  }
  const auto wanted_of_me = exchange_lists(comm, asked);
  const auto ints = [](const std::vector<long long>& list) {
    return std::vector<int>(list.begin(), list.end());
  };
  own_from_ = device_list(ints(asked[comm.rank()]));
  own_to_ = device_list(places[comm.rank()]);
  for (int rank = 0; rank < comm.size(); ++rank) {
    if (rank == comm.rank() || (asked[rank].empty() && wanted_of_me[rank].empty())) continue;
    peers_.push_back(
        {rank, device_list(ints(wanted_of_me[rank])), device_list(places[rank]), {}, {}, {}, {}});
  }
}

template <class Real>
void IndexExchange<Real>::fetch(const std::vector<Array3<const Real>>& arrays,
                                const Kokkos::View<Real**, Kokkos::LayoutRight, Memory>& values) {
  constexpr int tag = 77;
  std::vector<core::Comm::Request> requests;
  for (Peer& peer : peers_) {
    const std::size_t out = peer.send.extent(0), in = peer.receive.extent(0);
    if (peer.out.extent(0) < out * arrays.size() || peer.in.extent(0) < in * arrays.size()) {
      peer.out = Buffer("values to send", out * arrays.size());
      peer.in = Buffer("values received", in * arrays.size());
      peer.host_out = Kokkos::create_mirror_view(peer.out);
      peer.host_in = Kokkos::create_mirror_view(peer.in);
    }
    for (std::size_t a = 0; a < arrays.size(); ++a)
      gather<Real>(arrays[a], peer.send, peer.out, a * out);
    Kokkos::deep_copy(peer.host_out, peer.out);
    if (in > 0)
      requests.push_back(
          comm_.receive(peer.host_in.data(), in * arrays.size() * sizeof(Real), peer.rank, tag));
  }
  Kokkos::fence("values to send are gathered");
  for (Peer& peer : peers_)
    if (peer.send.extent(0) > 0)
      requests.push_back(comm_.send(peer.host_out.data(),
                                    peer.send.extent(0) * arrays.size() * sizeof(Real), peer.rank,
                                    tag));
  for (std::size_t first = 0; first < arrays.size(); first += 4) {
    GatherFour<Real> f{own_from_,
                       own_to_,
                       values,
                       int(first),
                       int(std::min<std::size_t>(4, arrays.size() - first)),
                       {}};
    for (int a = 0; a < f.count; ++a) f.source[a] = arrays[first + a].data();
    Kokkos::parallel_for("own values by index", Kokkos::RangePolicy<Exec>(0, own_from_.extent(0)),
                         f);
  }
  core::Comm::wait(requests);
  for (Peer& peer : peers_) {
    Kokkos::deep_copy(peer.in, peer.host_in);
    const auto places = peer.receive;
    const auto buffer = peer.in;
    const std::size_t in = places.extent(0);
    for (std::size_t a = 0; a < arrays.size(); ++a)
      Kokkos::parallel_for(
          "values received", Kokkos::RangePolicy<Exec>(0, in),
          KOKKOS_LAMBDA(int n) { values(places(n), a) = buffer(a * in + n); });
  }
}

template class IndexExchange<float>;
template class IndexExchange<double>;

}  // namespace understudy::mesh
