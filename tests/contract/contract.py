"""Drives the API with schemathesis: generated requests, valid and invalid, for a bounded time.

No request may make the server fail, and no answer may be one that the OpenAPI document does not
declare. Starts the binary named by QIPAN_BIN on the demo's data and asks as those who may do most:
the municipal coordinator by a token, the two officers by their sessions.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SECONDS = int(os.environ.get("CONTRACT_SECONDS", "60"))
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
OFFICES = r"/api/v1/(accounts|roles|settings|health|backups)(/|$)"
# What would end the run or wait for ever: the sessions and tokens of whoever asks, logins, streams
# of events.
ENDING = r"/api/v1/(session|sessions|tokens)(/|$)|/events$"
# Who asks, what is asked and what is left out, and the share of the time.
RUNS = [
    ("coordinator", ["--exclude-path-regex", f"{OFFICES}|{ENDING}"], 0.7),
    ("security", ["--include-path-regex", r"/api/v1/(accounts|roles)(/|$)"], 0.15),
    ("system", ["--include-path-regex", r"/api/v1/(settings|health|backups|jobs)(/|$)",
                "--exclude-path-regex", r"/events$"], 0.15),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Person:
    """Somebody of the demo who has come in."""

    def __init__(self, base, login, password):
        self.base = base
        self.cookie = ""
        self.ask("POST", "/api/v1/session", {"login": login, "password": password})

    def ask(self, method, path, body):
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json", "x-qipan": "1", "cookie": self.cookie},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.cookie = (answer.headers.get("set-cookie") or self.cookie).split(";")[0]
            return json.loads(answer.read() or "null")


def wait(base):
    for _ in range(200):
        try:
            with urllib.request.urlopen(base + "/api/v1/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("qipan serve does not answer")


def drive(base, folder, headers, choice, seconds):
    command = [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run",
               base + "/api/v1/openapi.json"]
    for header in headers:
        command += ["--header", header]
    command += [
        *choice,
        "--checks", CHECKS,
        "--phases", "examples,coverage,fuzzing",
        "--max-time", str(seconds),
        "--max-examples", "10",
        "--workers", "2",
        "--seed", "1",
        "--no-shrink",
        "--continue-on-failure",
        "--suppress-health-check", "all",
    ]
    return subprocess.run(command, cwd=folder, check=False).returncode


def main():
    binary = os.environ["QIPAN_BIN"]
    with tempfile.TemporaryDirectory(prefix="qipan-contract-") as folder:
        data = os.path.join(folder, "data")
        demo = subprocess.run(
            [binary, "--data", data, "demo", "--no-serve"], capture_output=True, text=True, check=True
        )
        # The demo prints its accounts, login and password side by side.
        passwords = dict(re.findall(r"^([a-z-]+) +(Yanshi-\d+) ", demo.stdout, re.MULTILINE))
        base = f"http://127.0.0.1:{free_port()}"
        server = subprocess.Popen(
            [binary, "--data", data, "serve", "--listen", base.removeprefix("http://")],
            env={**os.environ, "RUST_LOG": "error"},
        )
        try:
            wait(base)
            people = {login: Person(base, login, passwords[login]) for login, _, _ in RUNS}
            # Nobody is told to wait: what is generated comes faster than people ask.
            people["system"].ask(
                "PATCH", "/api/v1/settings", {"rate_per_second": 1_000_000, "rate_burst": 1_000_000}
            )
            failed = []
            for login, choice, share in RUNS:
                person = people[login]
                if login == "coordinator":
                    token = person.ask(
                        "POST", "/api/v1/tokens", {"name": "contract", "actions": None, "expires_days": 1}
                    )
                    headers = [f"Authorization: Bearer {token['secret']}"]
                else:
                    headers = [f"Cookie: {person.cookie}", "X-Qipan: 1"]
                print(f"contract: as {login}", flush=True)
                if drive(base, folder, headers, choice, max(5, int(SECONDS * share))) != 0:
                    failed.append(login)
            if server.poll() is not None:
                sys.exit(f"qipan serve ended with {server.returncode}")
            if failed:
                sys.exit(f"the contract was broken as {', '.join(failed)}")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


if __name__ == "__main__":
    main()
