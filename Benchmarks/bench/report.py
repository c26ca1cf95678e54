"""Collects what was measured, and prints it: as a table of ratios, as JSON, and as a plot."""

import collections
import json
import platform
import statistics

# The figure that a section's ratios are of, and whether more of it is better.
figures = {
    "receiving": ("rate", "a second", True), "sweeping": ("seconds", "s", False), "steps": ("seconds", "s", False), "history": ("seconds", "s", False),
    "reading": ("seconds", "s", False), "size": ("bytes", "bytes", False), "instructions": ("instructions", "instructions", False),
    "businesses": ("seconds", "s", False), "archive": ("amount", "as named", False),
}
ours = ("daybook", "archives and ledgers", "an index of", "a whole sweep")
# Pieces of one thing, that are not held against each other.
pieces = ("steps", "instructions")


class Report:
    def __init__(self, ground):
        self.ground = ground
        self.found = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(list)))

    def add(self, section, row, name, figures):
        self.found[section][row][name].append(figures)

    def table(self):
        lines = []
        for section, rows in self.found.items():
            key, unit, more_is_better = figures[section]
            extra = sorted({name for names in rows.values() for runs in names.values() for run in runs for name in run} - {key, "requests", "output"})
            lines += [f"### {section}", "", f"| | {key}, {unit}: median (least to most) | ours against it | " + " | ".join(extra) + " |", "| --- " * (3 + len(extra)) + "|"]
            for row, names in rows.items():
                lines.append(f"| **{row}** |" + " |" * (2 + len(extra)))
                own = None if section in pieces else next((runs for name, runs in names.items() if name.startswith(ours)), None)
                own = own and statistics.median(run[key] for run in own)
                for name, runs in names.items():
                    values = [run[key] for run in runs]
                    median = statistics.median(values)
                    ratio = "" if own is None or name.startswith(ours) or not median else f"{own / median:.2f} times"
                    rest = [[run[column] for run in runs if run.get(column) is not None] for column in extra]
                    printed = " | ".join(number(statistics.median(column)) if column else "" for column in rest)
                    lines.append(f"| {name} | {number(median)} ({number(min(values))} to {number(max(values))}) | {ratio} | {printed} |")
            lines.append("")
        return "\n".join([f"Measured in one run on {self.ground}, {platform.system()} {platform.release()}, {cores()} cores.", "", *lines])

    def json(self):
        return json.dumps({"ground": self.ground, "system": platform.platform(), "cores": cores(), "found": self.found}, indent=1)

    def plot(self, path):
        import matplotlib

        matplotlib.use("svg")
        import matplotlib.pyplot as plot

        rows = [(section, row, names) for section, all in self.found.items() if section not in pieces for row, names in all.items()]
        if not rows:
            return
        figure, axes = plot.subplots(len(rows), 1, figsize=(9, 0.9 + 0.42 * sum(len(names) + 2 for *_, names in rows)), squeeze=False,
            height_ratios=[len(names) + 1 for *_, names in rows])
        for axis, (section, row, names) in zip(axes[:, 0], rows):
            key, unit, _ = figures[section]
            values = [[run[key] for run in runs] for runs in names.values()]
            medians = [statistics.median(value) for value in values]
            spread = [[m - min(v) for m, v in zip(medians, values)], [max(v) - m for m, v in zip(medians, values)]]
            colours = ["#1f6f50" if name.startswith(ours) else "#b8b8b8" for name in names]
            axis.barh(list(names), medians, xerr=spread, color=colours, ecolor="#555555", capsize=2)
            axis.invert_yaxis()
            axis.set_title(f"{row} ({unit})", loc="left", fontsize=9)
            axis.tick_params(labelsize=8)
            axis.spines[["top", "right"]].set_visible(False)
        figure.tight_layout()
        figure.savefig(path)


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def cores():
    import os

    return len(os.sched_getaffinity(0))
