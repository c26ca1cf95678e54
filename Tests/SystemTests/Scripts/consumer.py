"""A consumer of webhooks, as good or as bad as the path of the URL says. It prints its port, and logs each request.

usage: consumer.py LOG [PORT [CERTIFICATE]]
"""

import hashlib, http.server, json, os, ssl, sys, threading, time

log = open(sys.argv[1], "a", buffering=1)
lock = threading.Lock()
count = 0


class Consumer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers["content-length"]))
        with lock:
            count += 1
            number = count
        kind = self.path.strip("/").split("?")[0]
        status, headers, answer = 200, {}, b"ok"
        if kind == "flaky" and number % 10 == 0:
            status = 503
        elif kind == "later" and number % 3 == 1:
            status, headers = 429, {"Retry-After": "1"}
        elif kind == "an-hour":
            status, headers = 503, {"Retry-After": "3600"}
        elif kind == "picky" and b'"refuse"' in body:
            status = 422
        elif kind in ("redirect", "gone", "down", "forbidden"):
            status = {"redirect": 307, "gone": 410, "down": 503, "forbidden": 403}[kind]
            headers = {"Location": "/ok"} if kind == "redirect" else {}
        elif kind == "big":
            answer = b"x" * (8 << 20)
        record = {
            "id": self.headers["daybook-event"], "status": status, "kind": kind, "time": time.time(),
            "sha256": hashlib.sha256(body).hexdigest(), "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body.decode(errors="replace") if len(body) < 2000 else "",
        }
        with lock:
            log.write(json.dumps(record) + "\n")
        if kind == "hang":
            time.sleep(3600)
        if kind == "close":
            return self.end(b"")
        if kind == "garbage":
            return self.end(b"\x00\x01 no HTTP\r\n\r\n")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def end(self, answer):
        self.wfile.write(answer)
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Consumer)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
