"""Twenty rooms at once: how long a turn takes, and supervision.

    python benchmarks/rooms.py            writes benchmarks/rooms.json (about a minute)

Starts a server on a free port of this machine. Twenty rooms at once play a session of 15
minutes, twice: with trainees who need one to three seconds for a response, and as fast as
answers come. Then some ask for supervision. The clients run on the same two cores, so they do
as little as they can: they read the answers and do not parse them.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

ROOMS, MINUTES = 20, 15
MOVES = ("hold", "validate", "interpret", "mirror", "challenge", "repair", "mentalise")
JSON = {"Content-Type": "application/json"}


def asked(client, method, path, **options):
    started = time.perf_counter()
    answer = client.request(method, path, **options)
    answer.raise_for_status()
    return time.perf_counter() - started, answer.json()


def session(port, course, number, *, thinks):
    rng = np.random.default_rng(number)
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    taken = []
    for turn in range(1, MINUTES + 1):
        time.sleep(rng.uniform(1.0, 3.0) * thinks)
        move = json.dumps({"move": MOVES[(number + turn) % len(MOVES)], "turn": turn})
        started = time.perf_counter()
        client.request("POST", f"/api/courses/{course}/turns", move, JSON)
        answer = client.getresponse()
        answer.read()
        taken.append(time.perf_counter() - started)
        assert answer.status == 200
    client.close()
    return taken


def memory_mb(pid):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "bowlby", "practise", "--no-browser", "--port", "0",
             "--database", f"{folder}/r.sqlite"],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        address = process.stdout.readline().split()[-1].rstrip("/")
        port = int(address.rsplit(":", 1)[1])
        with httpx.Client(base_url=address, timeout=300, trust_env=False) as client:
            while True:
                try:
                    client.get("/healthz")
                    break
                except httpx.ConnectError:
                    time.sleep(0.1)
            begin = {"mode": "visible", "minutes": MINUTES, "sessions": 2}
            ids = []
            for i in range(ROOMS):
                name = ("mara", "jonas", "edda", "tomas")[i % 4]
                _, room = asked(
                    client, "POST", "/api/courses", json={"client": name, "seed": i} | begin
                )
                ids.append(room["course"]["id"])
                if i == 0:
                    one = memory_mb(process.pid)
            found = {"rooms": ROOMS, "cores": os.cpu_count(), "load_before": os.getloadavg()[0]}
            for name, thinks in (("thinking", True), ("at full speed", False)):
                with ThreadPoolExecutor(ROOMS) as pool:
                    jobs = [
                        pool.submit(session, port, ids[n], n, thinks=thinks)
                        for n in range(ROOMS)
                    ]
                    taken = 1e3 * np.concatenate([job.result() for job in jobs])
                found[name] = {
                    "turn_p50_ms": float(np.median(taken)),
                    "turn_p95_ms": float(np.quantile(taken, 0.95)),
                }
                if thinks:
                    for course in ids:
                        asked(client, "POST", f"/api/courses/{course}/session")
            several = memory_mb(process.pid)
            supervision = [
                asked(client, "GET", f"/api/courses/{c}/sessions/1/supervision")[0]
                for c in ids[:6]
            ]
        process.kill()
        process.wait()
    found |= {
        "supervision_first_s": supervision[0],
        "supervision_p50_s": float(np.median(supervision[1:])),
        "memory_mb_per_room": (several - one) / (ROOMS - 1), "memory_mb": several,
    }  # fmt: skip
    print(json.dumps(found, indent=1))
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
