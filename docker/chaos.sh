#!/usr/bin/env bash
# Traffic through the cluster of compose.yaml while containers are killed, paused and cut off, one after another, in an order
# that is drawn from a seed; then what the clients saw is held against the ledger's files.
#
#   docker build -f docker/Dockerfile -t switchyard . && docker/chaos.sh [SECONDS] [SEED]
#
# Only docker's own commands: DOCKER and COMPOSE name others, such as podman and podman-compose. It begins with an empty ledger and
# leaves nothing running. Exit code 0: nothing acknowledged was lost, nothing was resolved by two, every ticket ended.
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-120}
seed=${2:-$RANDOM}
docker=${DOCKER:-docker}
compose="${COMPOSE:-docker-compose} -p switchyard-chaos -f compose.yaml -f compose.load.yaml"
seen=$(mktemp -d)
finish() { $compose down -v --timeout 5 >/dev/null 2>&1 || true; rm -rf "$seen"; }
trap finish EXIT
RANDOM=$seed
echo "chaos: $seconds s, seed $seed"

container() { $compose ps -q "$1"; }
# A number below $1, drawn.
draw() { echo $((RANDOM % $1)); }
status() { $docker exec "$(container coordinator)" switchyard status --at 127.0.0.1:7000 --format json; }

export SECONDS_OF_LOAD=$seconds
$compose up -d coordinator hq pl us
for _ in $(seq 60); do
    [ "$(status 2>/dev/null | grep -c '"region"')" -ge 3 ] && break
    sleep 1
done
$compose up -d load
load=$(container load)

# The container of a service leaves all its networks and comes back with its name.
cut_off() {
    local id=$1 service=$2 networks
    networks=$($docker inspect -f '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}' "$id")
    for network in $networks; do $docker network disconnect "$network" "$id"; done
    sleep "$3"
    for network in $networks; do $docker network connect --alias "$service" "$network" "$id"; done
}

end=$(($(date +%s) + seconds - 15))
while [ "$(date +%s)" -lt "$end" ]; do
    services=(coordinator hq pl us)
    service=${services[$(draw 4)]}
    fault=$(draw 3)
    length=$((1 + $(draw 8)))
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
    sleep $((2 + $(draw 4)))
done

echo "chaos: the traffic ends, and what is left is worked off"
$docker wait "$load" >/dev/null
$docker logs "$load" >"$seen/load" 2>&1
# Agents of the load who had something in their hands are gone by now: it is others' after their grace, or resolved.
grep -E '^(submitted|  submitted|  refusals)' "$seen/load" || true
$docker exec "$(container coordinator)" switchyard journal dump /var/lib/switchyard/ledger >"$seen/ledger"

# Lines of the dump: LSN TIME reign N KIND ticket N ...; of the load: acknowledged TICKET N, resolved TICKET FENCE AGENT.
awk '
    FNR == NR && $5 == "opened" { opened[$7]++; next }
    FNR == NR && $5 == "resolved" { resolved[$7]++; by[$7] = $9; next }
    FNR == NR { next }
    $1 == "acknowledged" { all++; if (opened[$2] != 1) { print "ticket " $2 " was acknowledged and is " opened[$2] + 0 " times in the ledger"; bad++ } }
    $1 == "resolved" { done++; if (by[$2] != $4) { print "ticket " $2 " was resolved by " $4 ", in the ledger by " by[$2]; bad++ } }
    END {
        for (ticket in opened) if (resolved[ticket] > 1) { print "ticket " ticket " was resolved " resolved[ticket] " times"; bad++ }
        for (ticket in opened) if (!resolved[ticket]) open++
        print "chaos: " all + 0 " acknowledged, " done + 0 " resolutions seen, " open + 0 " not resolved yet, " bad + 0 " troubles"
        exit bad > 0 || all == 0
    }' "$seen/ledger" "$seen/load"
