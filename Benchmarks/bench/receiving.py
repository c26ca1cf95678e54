"""Durable acknowledgements a second, behind HTTP, side by side."""

import os
import re
import subprocess

from . import ground

# What is asked, and whether a 200 means that it is durable.
servers = ["C, the same commit", "daybook-receiver", "FastAPI, uvicorn", "webhook (Debian)", "nginx, not durable"]


def command(name, folder, port):
    environment = {**os.environ, "SPOOL": str(folder)}
    if name == servers[0]:
        return [ground.peers / "receiver", folder, port, 64], environment
    if name == servers[1]:
        return [ground.receiver, "--spool", folder, "--listen", f"127.0.0.1:{port}", "--reserve", "0"], environment
    if name == servers[2]:
        return [ground.python, "-m", "uvicorn", "fastapi_receiver:app", "--app-dir", ground.here / "peers", "--port", port,
            "--log-level", "error", "--no-access-log"], environment
    for part in ("tmp", "new"):
        (folder / "production" / part).mkdir(parents=True)
    folder.chmod(0o777)
    (folder / "production/new").chmod(0o777)
    if name == servers[3]:
        hooks = folder / "hooks.json"
        hooks.write_text((ground.here / "peers/hooks.json").read_text().replace("COMMAND", str(ground.here / "peers/hook.sh")))
        # It answers when the command has ended, as one that must be durable has to.
        hooks.write_text(hooks.read_text().replace('"include-command-output-in-response": false', '"include-command-output-in-response": true'))
        return ["webhook", "-hooks", hooks, "-ip", "127.0.0.1", "-port", port, "-urlprefix", "webhooks"], environment
    configuration = folder / "nginx.conf"
    text = (ground.here / "peers/nginx.conf").read_text().replace("FOLDER", str(folder)).replace("PORT", str(port))
    configuration.write_text(text)
    return ["nginx", "-e", folder / "error.log", "-c", configuration], environment


def load(url, connections, seconds, script):
    result = ground.measure(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s", "-s", script, url])
    text = result["output"]

    def milliseconds(percentile):
        number, unit = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

    if "Non-2xx" in text:
        raise SystemExit(f"{url} was answered something else than 200: {text}")
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), "p50": milliseconds(50), "p99": milliseconds(99),
        "requests": int(re.search(r"(\d+) requests in", text)[1]), "generator cpu": result["cpu"],
    }


def once(name, folder, port, connections, seconds, script):
    words, environment = command(name, folder, port)
    url = f"http://127.0.0.1:{port}/webhooks/production"
    with ground.server(words, f"http://127.0.0.1:{port}/health", env=environment) as cpu:
        before = cpu()
        found = load(url, connections, seconds, script)
        found["cpu"] = (cpu() - before) / max(1, found["requests"]) * 1000
    return found


def run(disk, rounds, seconds, cleared, report):
    script = ground.work / "post.lua"
    bodies = ground.spool(ground.fresh(ground.work / "bodies"), 200, 20)
    texts = [path.read_text() for path in sorted((bodies / "production/new").iterdir())]
    listing = ",\n".join(f"[==[{text}]==]" for text in texts)
    script.write_text(f"""
local bodies = {{{listing}}}
local count = 0
request = function()
  count = count + 1
  return wrk.format("POST", nil, {{["Content-Type"] = "application/json"}}, bodies[count % #bodies + 1])
end
""")
    # Each of 32 connections waits after each answer, so that together they send some 1,000 a second.
    paced = ground.work / "paced.lua"
    paced.write_text(script.read_text() + "delay = function()\n  return 29\nend\n")
    port = 18200
    for connections in (1, 8, 64, 256):
        for turn in range(rounds):
            for name in servers:
                # Never where something was deleted a moment ago: ext4 goes past such inodes one by one.
                folder = ground.fresh(disk / f"receiving-{connections}-{turn}-{servers.index(name)}")
                port += 1
                found = once(name, folder, port, connections, seconds, script)
                report.add("receiving", f"{connections} connections", name, found)
                ground.say(f"receiving, {connections} connections, {name}: {found['rate']:.0f}/s, p99 {found['p99']:.1f} ms")
    # What a night leaves: a sweep has just unlinked what stood in the folder that is written to.
    for turn in range(rounds):
        for name in servers[:2]:
            for row, deliveries in (("some 1,000 a second", 0), (f"the same, {cleared:,} deliveries cleared just before", cleared)):
                folder = ground.fresh(disk / f"paced-{turn}-{servers.index(name)}-{deliveries}") / "spool"
                if deliveries:
                    ground.spool(folder, deliveries, 200)
                    ground.measure([ground.daybook, "sweep", "--spool", folder, "--archive", folder.parent / "archive"])
                port += 1
                found = once(name, folder, port, 32, 2 * seconds, paced)
                report.add("receiving", row, name, found)
                ground.say(f"receiving, {row}, {name}: {found['rate']:.0f}/s, p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms")
