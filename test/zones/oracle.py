"""Writes what Python's zoneinfo, an implementation that shares no line with ours, says of every zone name.

The folder is the compiled zoneinfo folder that the zone data file was made from (`tzdata/zoneinfo` of PyPI's
tzdata package; 2026.6 is 2026f). The table that `npm test` checks is a sample:

    python3 test/zones/oracle.py <zoneinfo folder> > test/zones/oracle.json

Every transition of 1970-2045 and a dense grid, checked by the same test against the live answers:

    python3 test/zones/oracle.py --every <zoneinfo folder> > /tmp/oracle-every.json
    SUNDIAL_ZONE_ORACLE=/tmp/oracle-every.json npx jest test/zones/oracle.test.ts

Format: `grid` holds instants in seconds. `names` maps each name to its entry of `answers`, which names with equal
answers share: `offsets[n]` is the offset at `grid[n]`; a row of `walls` is [wall, offset] when the wall time exists
once, [wall, offset before, offset after] of the change that repeats it (the offset falls) or skips it (it rises).
"""
import argparse
import json
import os
import re
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1)
UTC_EPOCH = EPOCH.replace(tzinfo=timezone.utc)
NO_ZONES = {"Factory", "localtime", "posixrules"}
DAY = 86_400
FROM, TO = 0, 75 * 365 * DAY
# Changes of a zone that the committed table holds, to keep it under a megabyte.
SAMPLED_CHANGES = 14


def offset_at(zone, second):
    moment = (UTC_EPOCH + timedelta(seconds=second)).astimezone(zone)
    return int(moment.utcoffset().total_seconds())


def wall_row(zone, wall):
    """The row of one wall time, after a check that the two folds mean what the format says."""
    local = EPOCH + timedelta(seconds=wall)
    offsets = []
    shown = []
    for fold in (0, 1):
        moment = local.replace(tzinfo=zone, fold=fold)
        offsets.append(int(moment.utcoffset().total_seconds()))
        back = moment.astimezone(timezone.utc).astimezone(zone)
        shown.append(back.replace(tzinfo=None) == local)
    exists = offsets[0] >= offsets[1]
    if shown != [exists, exists]:
        raise SystemExit(f"{zone.key}: {local} does not come back as its folds promise")
    return [wall, offsets[0]] if offsets[0] == offsets[1] else [wall, *offsets]


def changes_of(zone):
    """Instants at which the offset changes, found by steps of half a day and then by halving."""
    changes = []
    before = offset_at(zone, FROM)
    for step in range(FROM + DAY // 2, TO, DAY // 2):
        after = offset_at(zone, step)
        if after != before:
            low, high = step - DAY // 2, step
            while high - low > 1:
                middle = (low + high) // 2
                if offset_at(zone, middle) == before:
                    low = middle
                else:
                    high = middle
            changes.append((high, before, after))
        before = after
    return changes


def walls_of(zone, every):
    changes = changes_of(zone)
    if not every and len(changes) > SAMPLED_CHANGES:
        # The last four (this year's rule, both ways), and the others evenly.
        older = changes[:-4]
        step = len(older) / (SAMPLED_CHANGES - 4)
        changes = [older[int(n * step)] for n in range(SAMPLED_CHANGES - 4)] + changes[-4:]
    walls = set()
    for at, before, after in changes:
        first, last = sorted((at + before, at + after))
        around = [first - 1, first, (first + last) // 2, last - 1, last]
        walls.update(around if every else around[1:3] + around[4:])
    return [wall_row(zone, wall) for wall in sorted(walls)]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--every", action="store_true")
    arguments.add_argument("folder")
    options = arguments.parse_args()

    zoneinfo.reset_tzpath([os.path.abspath(options.folder)])
    with open(os.path.join(options.folder, "tzdata.zi"), encoding="ascii") as source:
        version = re.match(r"# version (\S+)", source.readline()).group(1)

    # 1890-2500 in steps of no round number, so that the hours, days and months all vary.
    step = (11 if options.every else 997) * DAY + 37 * 61
    grid = list(range(-80 * 365 * DAY, 530 * 365 * DAY, step))

    names, answers, known = {}, [], {}
    for name in sorted(zoneinfo.available_timezones() - NO_ZONES):
        zone = zoneinfo.ZoneInfo(name)
        answer = {"offsets": [offset_at(zone, second) for second in grid], "walls": walls_of(zone, options.every)}
        text = json.dumps(answer, separators=(",", ":"))
        if text not in known:
            known[text] = len(answers)
            answers.append(text)
        names[name] = known[text]

    lines = ",\n".join(answers)
    head = json.dumps({"version": version, "grid": grid, "names": names}, separators=(",", ":"))
    sys.stdout.write(f'{head[:-1]},\n"answers":[\n{lines}\n]}}\n')


main()
