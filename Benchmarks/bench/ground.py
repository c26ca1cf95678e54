"""What all rows are based on: programs that were built, a separate filesystem, and commands that are measured."""

import contextlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

here = pathlib.Path(__file__).resolve().parent.parent
package = here.parent
work = here / ".work"
build = package / ".build-release"
python = work / "venv/bin/python"
daybook = build / "release/daybook"
receiver = build / "release/daybook-receiver"
peers = work / "peers"


def say(text):
    print(text, file=sys.stderr, flush=True)


def prepare():
    """Installs the peers, and builds everything; what is there already is left."""
    work.mkdir(exist_ok=True)
    packages = (here / "packages.txt").read_text().split()
    known = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Status}\n", *packages], capture_output=True, text=True).stdout
    missing = [name for name in packages if f"{name} install ok installed" not in known]
    if missing:
        say(f"installing {' '.join(missing)}")
        subprocess.run(["apt-get", "update", "-qq"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["apt-get", "install", "-qq", "-y", "--no-install-recommends", *missing], check=True, stdout=subprocess.DEVNULL)
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", here / "requirements.txt"], check=True)
    for product in ("daybook", "daybook-receiver"):
        subprocess.run(
            ["swift", "build", "-c", "release", "--static-swift-stdlib", "--scratch-path", build, "--product", product],
            cwd=package, check=True, stdout=sys.stderr)
    peers.mkdir(exist_ok=True)
    subprocess.run(
        ["swift", "build", "-c", "release", "--static-swift-stdlib", "--scratch-path", work / "post-loop"],
        cwd=here / "peers/post-loop", check=True, stdout=sys.stderr)
    shutil.copy(work / "post-loop/release/post-loop", peers / "post-loop")
    libraries = {"floor": ["-lcrypto", "-lsqlite3", "-lz"]}
    for source in (here / "peers").glob("*.c"):
        subprocess.run(
            ["gcc", "-O2", "-D_GNU_SOURCE", "-w", "-o", peers / source.stem, source, *libraries.get(source.stem, []), "-lpthread"],
            check=True)


@contextlib.contextmanager
def disk(gigabytes):
    """A folder on an ext4 of its own, with a journal, as most spools have; where none can be mounted, a plain folder.

    Its own, so that nothing that others write or delete is measured.
    """
    image, mount = work / "disk.img", work / "disk"
    mount.mkdir(exist_ok=True)
    with open(image, "wb") as file:
        file.truncate(gigabytes << 30)
    inodes = gigabytes << 18
    mounted = (
        subprocess.run(["mkfs.ext4", "-q", "-F", "-N", str(inodes), image], stderr=subprocess.DEVNULL).returncode == 0
        and subprocess.run(["mount", "-o", "loop", image, mount], stderr=subprocess.DEVNULL).returncode == 0
    )
    if not mounted:
        say("no filesystem can be mounted: measuring on the one that is there")
    try:
        yield mount, "ext4 with a journal, on a loop device" if mounted else "the filesystem of the checkout"
    finally:
        if mounted:
            subprocess.run(["umount", "-l", mount], check=True)
        shutil.rmtree(mount, ignore_errors=True)
        image.unlink()


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def cold():
    """Drops what the kernel remembers of files; False where it may not."""
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
        return True
    except OSError:
        return False


def measure(command, **options):
    """Runs a command to its end: seconds, CPU seconds, peak memory in kB, and what it printed.

    Started by a small program, `peers/run`: a process keeps the peak memory of the one that it was forked from
    (getrusage(2)), and this one is larger than some that are measured.
    """
    process = subprocess.Popen(
        [peers / "run", *(str(word) for word in command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    output, errors = process.communicate()
    errors, _, printed = errors.rpartition("\n--\n")
    status, seconds, cpu, memory = printed.split()
    if status != "0":
        sys.exit(f"{' '.join(map(str, command))} ended with {status}: {errors}")
    return {"seconds": float(seconds), "cpu": float(cpu), "memory": int(memory), "output": output, "errors": errors}


@contextlib.contextmanager
def server(command, url, **options):
    """A program that listens; gives a function that tells the CPU seconds it has taken so far, children and all."""
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **options)
    try:
        for _ in range(300):
            if subprocess.run(["curl", "-s", "-o", "/dev/null", "-m", "1", url]).returncode in (0, 22, 28, 52):
                break
            time.sleep(0.05)
        else:
            sys.exit(f"{command[0]} does not listen")

        def cpu():
            ticks = 0
            for name in os.listdir("/proc"):
                try:
                    fields = pathlib.Path(f"/proc/{name}/stat").read_text().rsplit(") ", 1)[1].split()
                except (OSError, IndexError):
                    continue
                if int(fields[3]) == process.pid:
                    ticks += sum(map(int, fields[11:15]))
            return ticks / os.sysconf("SC_CLK_TCK")

        yield cpu
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def spool(folder, deliveries, groups, seed=1):
    measure([peers / "make-spool", folder, deliveries, groups, seed])
    return folder


def spool_of_days(folder, deliveries, groups, days):
    measure([peers / "make-spool", folder, deliveries, groups, 1, days])
    return folder
