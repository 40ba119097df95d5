# shellcheck shell=bash
# Sourced: hosts of one machine, each with a name, an address and a network of its own (network and UTS namespaces),
# joined by a bridge in a namespace that leads nowhere else. Needs root, iproute2, and an /etc/hosts that may be
# written (tests/cluster/with_packages gives all three).
#
#   make_hosts NAME...     addresses 10.77.0.1, 10.77.0.2, ... in this order, named in /etc/hosts
#   on_host NAME CMD...    runs CMD on the host
#   bytes_sent NAME        what has gone out of the host's interface
declare -A host_process

# A process that does nothing holds the namespaces.
hold_namespaces() {
  unshare --net --uts --propagation unchanged bash -c 'hostname "$1"; exec sleep infinity' hold "$1" &
  host_process[$1]=$!
  until [[ $(nsenter -t "${host_process[$1]}" -u hostname) == "$1" ]]; do sleep 0.05; done
}

on_host() {
  local name=$1
  shift
  nsenter -t "${host_process[$name]}" --net --uts -- "$@"
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
