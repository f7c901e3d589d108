# shellcheck shell=bash
# Hosts on this machine, for root: network namespaces with an interface each, joined by a switch, which is one more.
# Source it. Names begin with the number of the process, so that several may be at work.
cluster=c$$
network=10.77.0.0/24 # exists in the namespaces only

host() { echo "$cluster-$1"; }
in_host() { ip netns exec "$(host "$1")" "${@:2}"; }
switch() { ip -n "$cluster-switch" link "$@"; }

make_hosts() { # make_hosts COUNT
  local number name
  ip netns add "$cluster-switch"
  switch add bridge type bridge
  switch set bridge up
  for number in $(seq "$1"); do
    name=$(host "$number")
    ip netns add "$name"
    ip -n "$name" link add net0 type veth peer name "port$number" netns "$cluster-switch"
    ip -n "$name" address add "${network%.*}.$number/24" dev net0
    ip -n "$name" link set net0 up
    ip -n "$name" link set lo up
    switch set "port$number" up
    plug_in "$number"
  done
}

plug_in() { switch set "port$1" master bridge; }
pull_out() { switch set "port$1" nomaster; } # the host's own interface stays up, as when a switch fails

launcher=$(mktemp) # holds the process of the launch/mpirun that was started last

run_on_hosts() { # run_on_hosts HOSTS RANKS-OF-EACH COMMAND…: under mpirun, from the first of the hosts
  local agent=$PWD/Tests/MultiHost/agent hosts=$1 ranks=$2 hostfile number code=0
  shift 2
  hostfile=$(mktemp)
  for number in $hosts; do echo "$(host "$number") slots=$ranks"; done >"$hostfile"
  "$agent" "$(host "${hosts%% *}")" "echo \$\$ >$launcher; exec env" OMPI_MCA_oob_tcp_keepalive_{time=3,intvl=1,probes=3} \
    "$PWD/launch/mpirun" --hostfile "$hostfile" --mca plm_rsh_agent "$agent" --mca plm_rsh_no_tree_spawn 1 \
    --mca btl tcp,self,vader --mca btl_tcp_if_include "$network" --mca oob_tcp_if_include "$network" \
    --mca btl_tcp_port_min_v4 20000 --mca btl_tcp_port_range_v4 1000 "$@" || code=$?
  rm "$hostfile"
  return $code
}

processes() { ip netns pids "$(host "$1")"; }

end_hosts() {
  local name
  rm -f "$launcher"
  for name in $(ip netns list | grep -o "^$cluster-[^ ]*"); do
    ip netns pids "$name" | xargs -r kill -KILL || true # they may have ended by themselves
    ip netns delete "$name"
  done
}
