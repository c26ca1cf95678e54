"""Replaying: events posted to a consumer on this machine, beside a plain loop of the same HTTP client."""

import subprocess

from . import ground

port = 8123
workers = 16


def run(disk, deliveries, rounds, report):
    place = ground.fresh(disk / "replaying")
    archive = place / "archive"
    ground.measure([ground.daybook, "sweep", "--spool", ground.spool_of_days(place / "spool", deliveries, 200, 10), "--archive", archive])
    lines = place / "payloads"
    with open(lines, "w") as file:
        subprocess.run(
            f"'{ground.daybook}' events --archive '{archive}' | sed 's/.*\"pointer\":[^,]*,\"data\":\\(.*\\)}}$/\\1/'",
            shell=True, stdout=file, check=True)
    events = sum(1 for _ in open(lines))
    (place / "production/new").mkdir(parents=True)
    configuration = place / "nginx.conf"
    configuration.write_text((ground.here / "peers/nginx.conf").read_text().replace("FOLDER", str(place)).replace("PORT", str(port)))
    url = f"http://127.0.0.1:{port}/consumer"
    what = f"{events:,} events of 200 businesses to nginx, {workers} at a time"
    with ground.server(["nginx", "-e", place / "error.log", "-c", configuration], f"http://127.0.0.1:{port}/health"):
        for turn in range(rounds):
            journal = place / f"{turn}.sqlite"
            commands = {
                "daybook replay": [
                    ground.daybook, "replay", "--archive", archive, "--environment", "production", "--to", url, "--allow-private",
                    "--concurrency", workers, "--journal", journal],
                "a plain loop of the same client": ["sh", "-c", f"'{ground.peers / 'post-loop'}' {url} {workers} < '{lines}'"],
            }
            for name, command in commands.items():
                found = ground.measure(command)
                report.add("replaying", what, name, {key: found[key] for key in ("seconds", "cpu", "memory")})
                ground.say(f"replaying, {name}: {events / found['seconds']:.0f} a second, {found['memory']} kB")
            # Everything is acknowledged: what remains is to look each event up in the journal.
            found = ground.measure([*commands["daybook replay"], "--resume"])
            report.add("replaying", what, "daybook replay --resume, with nothing left to send", {key: found[key] for key in ("seconds", "cpu", "memory")})
            ground.say(f"replaying, resumed: {found['seconds']:.2f} s")
