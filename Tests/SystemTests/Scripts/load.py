"""load.py URL SECONDS CONNECTIONS: sends deliveries, and prints of each that was answered 200 its id and SHA-256.

Of ten, one repeats an earlier one byte for byte, and of fifty, one is not valid JSON. A connection that breaks is reopened: what
it had sent and not been answered may or may not have been kept, and nothing is printed of it. Ends with 1 where a connection
was answered otherwise than 200 or 503, or never 200.
"""

import hashlib
import http.client
import json
import random
import sys
import threading
import time
import urllib.parse

url = urllib.parse.urlsplit(sys.argv[1])
end = time.monotonic() + float(sys.argv[2])
write = threading.Lock()
failures = []


def send(number):
    draw = random.Random(number)
    sent = []
    connection = None
    count = stored = 0
    while time.monotonic() < end:
        count += 1
        if sent and draw.random() < 0.1:
            body = draw.choice(sent)
        elif draw.random() < 0.02:
            body = b'{"event":"RECORD_CREATED","data":' + str(count).encode()
        else:
            data = {"business_id": f"b{draw.randrange(40)}", "n": f"{number}-{count}", "text": "x" * draw.randrange(900)}
            body = json.dumps({"event": "RECORD_CREATED", "data": data}).encode()
            sent = sent[-50:] + [body]
        path = "/webhooks/" + draw.choice(["production", "production", "production", "sandbox"])
        try:
            connection = connection or http.client.HTTPConnection(url.hostname, url.port, timeout=60)
            connection.request("POST", path, body)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            connection = None
            time.sleep(0.02)
            continue
        if answer.status == 200:
            stored += 1
            with write:
                print(json.loads(text)["id"], hashlib.sha256(body).hexdigest())
        elif answer.status != 503:
            failures.append(f"connection {number} was answered {answer.status}: {text}")
        if answer.will_close:
            connection = None
    if stored == 0:
        failures.append(f"connection {number} was never answered 200")


threads = [threading.Thread(target=send, args=(number,)) for number in range(int(sys.argv[3]))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if failures:
    sys.exit("\n".join(failures))
