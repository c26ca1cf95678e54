"""What a good Python programmer writes in an hour: FastAPI, and the same three steps: write and fsync, rename, fsync."""

import os
import pathlib
import uuid

from fastapi import FastAPI, Request

app = FastAPI()
folder = pathlib.Path(os.environ["SPOOL"]) / "production"
for part in ("tmp", "new"):
    (folder / part).mkdir(parents=True, exist_ok=True)
names = os.open(folder / "new", os.O_RDONLY)


def store(body: bytes) -> str:
    name = str(uuid.uuid4())
    with open(folder / "tmp" / name, "xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    os.rename(folder / "tmp" / name, folder / "new" / f"{name}.json")
    os.fsync(names)
    return name


@app.post("/webhooks/{environment}")
async def receive(environment: str, request: Request):
    from starlette.concurrency import run_in_threadpool

    return {"id": await run_in_threadpool(store, await request.body())}


@app.get("/health")
async def health():
    return {"status": "ok"}
