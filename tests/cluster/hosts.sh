# shellcheck shell=bash
# Sourced: hosts of one machine, each with a name, an address, a network, shared memory and a folder /run/host of its own
# (network, UTS and mount namespaces), joined by a bridge in a namespace that leads nowhere else. The other folders are
# common to all, as on a cluster's file system. Needs root, iproute2, and an /etc/hosts that may be
# written (tests/cluster/with_packages gives all three).
#
#   make_hosts NAME...     addresses 10.77.0.1, 10.77.0.2, ... in this order, named in /etc/hosts
#   on_host NAME CMD...    runs CMD on the host
#   host_entry NAME        sets `entry`, the words that run what follows them on the host and become it: for signals
#   bytes_sent NAME        what has gone out of the host's interface
declare -A host_process

# A process that does nothing holds the namespaces.
hold_namespaces() {
  mkdir -p /run/host
  unshare --net --uts --mount --propagation unchanged bash -euc '
    mount -t tmpfs tmpfs /run/host
    mount -t tmpfs tmpfs /dev/shm
    hostname "$1"
    exec sleep infinity' hold "$1" &
  host_process[$1]=$!
  until [[ $(nsenter -t "${host_process[$1]}" --uts hostname) == "$1" ]]; do sleep 0.05; done
}

host_entry() {
  entry=(nsenter -t "${host_process[$1]}" --net --uts --mount --root "--wdns=$PWD" --)
}

on_host() {
  local -a entry
  host_entry "$1"
  "${entry[@]}" "${@:2}"
}

make_hosts() {
  local name number=0
  hold_namespaces bridge
  on_host bridge ip link add bridge type bridge
  on_host bridge ip link set bridge up
  for name in "$@"; do
    number=$((number + 1))
    hold_namespaces "$name"
    echo "10.77.0.$number $name" >>/etc/hosts
    on_host bridge ip link add "to-$name" type veth peer name eth0 netns "${host_process[$name]}"
    on_host bridge ip link set "to-$name" master bridge up
    on_host "$name" ip address add "10.77.0.$number/24" dev eth0
    on_host "$name" ip link set lo up
    on_host "$name" ip link set eth0 up
  done
}

bytes_sent() { on_host "$1" awk '$1 == "eth0:" {print $10}' /proc/self/net/dev; }
