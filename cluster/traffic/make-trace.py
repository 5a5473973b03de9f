#!/usr/bin/env python3
"""Makes the demo's traffic from the incident log of BPI Challenge 2013.

    make-trace.py incidents.csv.gz > volvo-2012-05-02_04.tsv
    make-trace.py incidents.csv.gz --verify incidents_cases_derived.csv.gz

The rows of incidents.csv.gz are the events of the log, one a line, oldest first in each case;
SOURCE.md says where they come from. Only the standard library is used, and the same input always
gives the same bytes. `--verify` compares every tier sequence with the column `tier_path` of a
table of cases made independently, and writes no trace.
"""
import csv
import gzip
import sys
from datetime import datetime

DAYS = ("2012-05-02", "2012-05-03", "2012-05-04")
CLIP = 1800  # seconds: nights and weekends are not work

BRANCH = {"pl": "pl", "us": "us", "br": "us", "ca": "us", "in": "in", "cn": "in", "kr": "in", "be": "be", "fr": "be", "nl": "be"}

HEADER = """\
# Tickets of a three-line support organisation, 2-4 May 2012 (Wednesday to Friday): one line a case, by time of arrival.
# From: BPI Challenge 2013, incidents (Volvo IT Belgium, VINST), 4TU.ResearchData, DOI 10.4121/500573e6-accc-4b0c-9576-aa5468b10cee
# Made by make-trace.py from the events; SOURCE.md says how. Nothing here is invented; queueing times and nights are left out.
# Columns, separated by tabs:
#   day      of the first event, local time as in the log
#   second   of that day, 0...86399
#   number   running number of the case in this file
#   region   hq, pl, us, in or be, by the country of the first event's team
#   product  code of the product, as in the log
#   impact   Low, Medium, High or Major
#   path     stops joined by '>'; a stop is TIER, or TIER:segments joined by ','; w120 = 120 s of work, p300 = 300 s of waiting
#            for somebody else (pending); TIER alone = a stop without either
#   case     the log's own id
"""


def cases(path):
    """The events of each case, in the order of the file."""
    found = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["case"], []).append(row)
    return found


def stops_of(events):
    """[(tier, [[kind, seconds], ...]), ...]: neighbouring events of one tier are one stop."""
    times = [datetime.fromisoformat(event["time"]) for event in events]
    stops = []
    for index, event in enumerate(events):
        if not stops or stops[-1][0] != event["tier"]:
            stops.append((event["tier"], []))
        # Queued, Completed and Unmatched take nobody's time; the last event has no known end.
        if event["status"] != "Accepted" or index + 1 == len(events):
            continue
        seconds = min(int((times[index + 1] - times[index]).total_seconds()), CLIP)
        kind = "p" if event["substatus"].startswith("Wait") else "w"
        segments = stops[-1][1]
        if seconds <= 0:
            continue
        if segments and segments[-1][0] == kind:
            segments[-1][1] = min(segments[-1][1] + seconds, CLIP)
        else:
            segments.append([kind, seconds])
    return stops


def text_of(stops):
    return ">".join(
        tier + (":" + ",".join(f"{kind}{seconds}" for kind, seconds in segments) if segments else "")
        for tier, segments in stops
    )


def main():
    arguments = sys.argv[1:]
    verify = None
    if len(arguments) == 3 and arguments[1] == "--verify":
        verify = arguments[2]
    elif len(arguments) != 1:
        sys.exit(__doc__)

    chosen = [(case, events) for case, events in cases(arguments[0]).items() if events[0]["time"][:10] in DAYS]
    chosen.sort(key=lambda item: item[1][0]["time"][:19])  # stable: ties stay in the log's order

    if verify:
        with gzip.open(verify, "rt", encoding="utf-8", newline="") as file:
            expected = {row["case"]: row["tier_path"] for row in csv.DictReader(file)}
        different = [case for case, events in chosen if ">".join(tier for tier, _ in stops_of(events)) != expected.get(case)]
        print(f"{len(chosen)} cases, {len(different)} with another tier path", *different[:10])
        sys.exit(1 if different else 0)

    sys.stdout.write(HEADER)
    for number, (case, events) in enumerate(chosen, 1):
        first = events[0]
        day, clock = first["time"][:10], first["time"][11:19]
        hours, minutes, seconds = map(int, clock.split(":"))
        print(
            day,
            hours * 3600 + minutes * 60 + seconds,
            number,
            BRANCH.get(first["team_country"], "hq"),
            first["product"],
            events[-1]["impact"],
            text_of(stops_of(events)),
            case,
            sep="\t",
        )


if __name__ == "__main__":
    main()
