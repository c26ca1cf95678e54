"""hostile.py URL CROWD SECONDS: what a receiver has to bear from strangers, all at once.

A crowd of connections opens and says nothing. Beside it, for so many seconds, each kind of attack runs on connections of
its own. Says "begun" on stderr; in the end prints one JSON object: what each attack was answered, how many deliveries
were answered 200, and how many of the crowd are still there.
"""

import asyncio
import collections
import gzip
import json
import sys
import time
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
crowd_size, seconds = int(sys.argv[2]), float(sys.argv[3])
end = None
answers = collections.defaultdict(collections.Counter)
stored = 0


def request(body=b"", head=b"", path=b"/webhooks/production", version=b"1.1", length=None):
    count = len(body) if length is None else length
    return b"POST %s HTTP/%s\r\nHost: here\r\n%sContent-Length: %d\r\n\r\n" % (path, version, head, count) + body


def event(text):
    return json.dumps({"event": "RECORD_CREATED", "data": {"business_id": "acme", "text": text}}).encode()


async def connect():
    return await asyncio.open_connection(url.hostname, url.port)


async def drip(writer, data, pause=0.1):
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(pause)


async def send(writer, data):
    writer.write(data)
    await writer.drain()


async def flood(writer, piece):
    while time.monotonic() < end:
        await send(writer, piece)


# Each: what is sent on one connection. What is answered is read beside it.
attacks = {
    "slow head": lambda w: drip(w, b"POST /webhooks/production HTTP/1.1\r\nX-Slow: " + b"x" * 10_000),
    "slow body": lambda w: drip(w, request(event("x" * 10_000))),
    "endless chunks": lambda w: chunks(w),
    "length too large": lambda w: send(w, request(b"{}", length=1 << 40)),
    "length too small": lambda w: send(w, request(event("cut"), length=3)),
    "two lengths": lambda w: send(w, request(b"{}", head=b"Content-Length: 7\r\n")),
    "length and chunks": lambda w: send(w, request(b"0\r\n\r\n", head=b"Transfer-Encoding: chunked\r\n")),
    "chunks named twice": lambda w: send(w, chunked(b"chunked, identity")),
    "chunks in disguise": lambda w: send(w, chunked(b"\x0bchunked")),
    "folded header": lambda w: send(w, request(b"{}", head=b"X-A: 1\r\n folded\r\n")),
    "space before colon": lambda w: send(w, request(b"{}", head=b"X-A : 1\r\n")),
    "header flood": lambda w: send(w, b"GET /health HTTP/1.1\r\n" + b"".join(b"X-%d: x\r\n" % n for n in range(50_000))),
    "large header": lambda w: send(w, b"GET /health HTTP/1.1\r\nX: " + b"x" * (4 << 20)),
    "no HTTP": lambda w: send(w, bytes(range(256)) * 1000),
    "pipelining": lambda w: flood(w, b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n" * 1000),
    "encoded bomb": lambda w: send(w, request(bomb, head=b"Content-Encoding: gzip\r\nConnection: close\r\n")),
    "old HTTP": lambda w: send(w, request(event("old"), version=b"1.0")),
}
bomb = gzip.compress(gzip.compress(b"\0" * (64 << 20)))


def chunked(coding):
    return b"POST /webhooks/production HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: %s\r\n\r\n2\r\n{}\r\n0\r\n\r\n" % coding


async def chunks(writer):
    await send(writer, b"POST /webhooks/production HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n")
    await flood(writer, b"10000\r\n" + b"x" * 65536 + b"\r\n")


# A delivery, if an odd one.
deliveries = {"length too small", "encoded bomb", "old HTTP"}
# These never read: what they are answered must not pile up either.
deaf = {"pipelining"}


async def attack(name):
    global stored
    while time.monotonic() < end:
        try:
            reader, writer = await connect()
        except OSError:
            answers[name]["not connected"] += 1
            await asyncio.sleep(0.1)
            continue
        sending = asyncio.ensure_future(attacks[name](writer))
        try:
            if name in deaf:
                await asyncio.wait_for(sending, seconds)
                continue
            patience = 30 if name in deliveries else end - time.monotonic()
            line = await asyncio.wait_for(reader.readline(), patience)
            status = line.split(b" ")[1].decode() if line.startswith(b"HTTP/1.") else "closed"
            answers[name][status] += 1
            if status == "200":
                stored += 1
        except asyncio.TimeoutError:
            answers[name]["none yet"] += 1
        except OSError:
            answers[name]["closed"] += 1
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            writer.transport.abort()
        await asyncio.sleep(0.02)


async def main():
    global end
    crowd = []
    while len(crowd) < crowd_size:
        crowd += await asyncio.gather(*(connect() for _ in range(min(100, crowd_size - len(crowd)))))
    end = time.monotonic() + seconds
    print("begun", file=sys.stderr, flush=True)
    await asyncio.gather(*(attack(name) for name in attacks for _ in range(4)))
    # The crowd is still there: the receiver neither dropped it nor took it for anything else.
    waiting = sum(not reader.at_eof() for reader, _ in crowd)
    print(json.dumps({"stored": stored, "crowd": waiting, "answers": answers}))
    for _, writer in crowd:
        writer.transport.abort()


asyncio.run(main())
