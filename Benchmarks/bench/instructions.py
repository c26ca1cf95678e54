"""Instructions that the hot pieces take, as valgrind counts them: the same on a noisy machine as on a quiet one."""

import re
import subprocess

from . import ground

# What is told, and the function whose instructions, with all that it calls, are counted.
pieces = {
    "a whole sweep": r"\(below main\)",
    "reading a payload": r"PayloadReader\.read",
    "writing a line": r"EventLine\.write\(to:",
    "compressing blocks": r"Archive\.Deflater\.block|deflate$|^deflate ",
    "reading an entry of the spool": r"EnvironmentSpool\.read",
    "looking for the event that one repeats": r"IndexTransaction\.nearestEvent",
    "adding a row": r"IndexTransaction\.addEvent",
}


def run(disk, deliveries, report):
    place = ground.fresh(disk / "instructions")
    spool = ground.spool(place / "spool", deliveries, 20)
    out = place / "callgrind"
    # valgrind cannot read newer debug information; the names that it needs are not in there.
    program = place / "daybook"
    ground.measure(["objcopy", "--strip-debug", ground.daybook, program])
    ground.measure([
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", program, "sweep", "--threads", "1", "--spool", spool,
        "--archive", place / "archive"])
    listing = subprocess.run(
        f"callgrind_annotate --inclusive=yes --threshold=100 '{out}' | swift demangle --compact", shell=True, capture_output=True, text=True).stdout
    for name, pattern in pieces.items():
        counts = [
            int(line.split("(")[0].replace(",", "")) for line in listing.splitlines()
            if re.match(r"\s*[\d,]+ \(", line) and re.search(pattern, line.split(":", 1)[-1])]
        if counts:
            report.add("instructions", f"a delivery of {deliveries:,}", name, {"instructions": max(counts) / deliveries})
        else:
            ground.say(f"callgrind does not tell of {name}")
