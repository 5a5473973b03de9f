#!/usr/bin/env bash
# Traffic through the cluster of compose.yaml while containers are killed, paused and cut off, one after another, in an order
# that is drawn from a seed; then what the clients saw is held against the ledger's files.
#
#   docker build -f docker/Dockerfile -t switchyard . && docker/chaos.sh [SECONDS] [SEED]
#
# Only docker's own commands: DOCKER and COMPOSE name others, such as podman and podman-compose. It begins with an empty ledger and
# leaves nothing running; with KEEP=FOLDER what was seen, the ledger's records and all logs stay there. Exit code 0: nothing
# acknowledged was lost, nothing was resolved by two, every ticket was resolved, and all nodes are healthy at the end.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-120}
seed=${2:-$RANDOM}
docker=${DOCKER:-docker}
if [ -z "${COMPOSE:-}" ]; then
    COMPOSE="$docker compose"
    $COMPOSE version >/dev/null 2>&1 || COMPOSE=docker-compose
fi
compose="$COMPOSE -p switchyard-chaos -f compose.yaml -f compose.load.yaml"
nodes=(coordinator hq pl us)
seen=$(mktemp -d)
finish() {
    if [ -n "${KEEP:-}" ]; then
        mkdir -p "$KEEP"
        for node in "${nodes[@]}"; do $docker logs "$(container "$node")" >"$seen/$node.log" 2>&1 || true; done
        cp -r "$seen"/. "$KEEP"
    fi
    $compose down -v --timeout 5 >/dev/null 2>&1 || true
    rm -rf "$seen"
}
trap finish EXIT
RANDOM=$seed
echo "chaos: $seconds s, seed $seed"

container() { $compose ps -a -q "$1"; }
# Draws a number below $1. Not in a subshell: numbers there are not the seed's.
draw() { drawn=$((RANDOM % $1)); }
status() { $docker exec "$(container coordinator)" switchyard status --at 127.0.0.1:7000 --format json; }
healthy() { $docker inspect -f '{{.State.Health.Status}}' "$(container "$1")"; }

# Waits until every node's own health check is content.
all_healthy() {
    local node tries
    for node in "${nodes[@]}"; do
        for tries in $(seq 60); do
            [ "$(healthy "$node")" = healthy ] && continue 2
            sleep 1
        done
        echo "chaos: $node is $(healthy "$node") after $tries s"
        return 1
    done
}

export SECONDS_OF_LOAD=$seconds
$compose up -d "${nodes[@]}"
for _ in $(seq 60); do
    [ "$(status 2>/dev/null | grep -c '"region"')" -ge 3 ] && break
    sleep 1
done
all_healthy
$compose up -d load
load=$(container load)

# The container of a service leaves all its networks and comes back with its name.
cut_off() {
    local id=$1 service=$2 networks network
    networks=$($docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}' "$id")
    for network in $networks; do $docker network disconnect "$network" "$id"; done
    sleep "$3"
    for network in $networks; do $docker network connect --alias "$service" "$network" "$id"; done
}

# Lines of the dump: LSN TIME reign N KIND ticket N ...; of the load: acknowledged TICKET N, resolved TICKET FENCE AGENT.
unresolved() {
    $docker exec "$(container coordinator)" switchyard journal dump /var/lib/switchyard/ledger >"$seen/ledger"
    awk '$5 == "opened" { open[$7] } $5 == "resolved" { delete open[$7] } END { for (one in open) n++; print n + 0 }' "$seen/ledger"
}

end=$(($(date +%s) + seconds - 15))
while [ "$(date +%s)" -lt "$end" ]; do
    draw ${#nodes[@]} && service=${nodes[drawn]}
    draw 3 && fault=$drawn
    draw 8 && length=$((1 + drawn))
    id=$(container "$service")
    case $fault in
    0)
        echo "chaos: $service is killed for $length s"
        $docker kill -s KILL "$id" >/dev/null
        sleep "$length"
        $docker start "$id" >/dev/null
        ;;
    1)
        echo "chaos: $service is paused for $length s"
        $docker pause "$id" >/dev/null
        sleep "$length"
        $docker unpause "$id" >/dev/null
        ;;
    2)
        echo "chaos: $service is cut off for $length s"
        cut_off "$id" "$service" "$length"
        ;;
    esac
    draw 4
    sleep $((2 + drawn))
done

echo "chaos: the traffic ends, and what is left is worked off"
$docker wait "$load" >/dev/null
$docker logs "$load" >"$seen/load" 2>&1
grep -E '^ *(submitted|refusals|.* tickets/s)' "$seen/load" || head -5 "$seen/load"
# Agents of the load may have had something in their hands when it ended: they come again, and have it.
for _ in 1 2 3 4 5 6; do
    [ "$(unresolved)" = 0 ] && break
    $compose run --rm --no-deps -T -e RATE=1 -e SECONDS_OF_LOAD=3 load >>"$seen/load" 2>/dev/null || true
done
unresolved >/dev/null
all_healthy && echo "chaos: all nodes are healthy" || sick=1

awk -v bad="${sick:-0}" '
    FNR == NR && $5 == "opened" { opened[$7]++; next }
    FNR == NR && $5 == "resolved" { resolved[$7]++; by[$7] = $9; next }
    FNR == NR { next }
    $1 == "acknowledged" { all++; if (opened[$2] != 1) { print "ticket " $2 " was acknowledged and is " opened[$2] + 0 " times in the ledger"; bad++ } }
    $1 == "resolved" { done++; if (by[$2] != $4) { print "ticket " $2 " was resolved by " $4 ", in the ledger by " by[$2]; bad++ } }
    END {
        for (ticket in opened) {
            count++
            if (resolved[ticket] > 1) { print "ticket " ticket " was resolved " resolved[ticket] " times"; bad++ }
            if (!resolved[ticket]) { print "ticket " ticket " was never resolved"; bad++ }
        }
        print "chaos: " all + 0 " acknowledged, " done + 0 " resolutions seen, " count + 0 " opened, " bad + 0 " troubles"
        exit bad > 0 || all == 0 || done == 0
    }' "$seen/ledger" "$seen/load"
