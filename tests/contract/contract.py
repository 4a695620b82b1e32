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
from pathlib import Path
from urllib.parse import quote

PACK = Path(__file__).parents[2] / "packs/chongqing"
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
# Who asks, what is asked and what is left out, and the share of the time. The security officer
# comes last, and changes the accounts of the others.
RUNS = [
    ("coordinator", ["--exclude-path-regex", f"{OFFICES}|{ENDING}"], 0.7),
    ("system", ["--include-path-regex", r"/api/v1/(settings|health|backups|jobs)(/|$)",
                "--exclude-path-regex", r"/events$"], 0.15),
    ("security", ["--include-path-regex", r"/api/v1/(accounts|roles)(/|$)"], 0.15),
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

    def ask(self, method, path, body=None):
        """Asks with an object or a file as the body; gives the object answered."""
        is_file = isinstance(body, bytes)
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=body if is_file or body is None else json.dumps(body).encode(),
            headers={
                "content-type": "application/octet-stream" if is_file else "application/json",
                "x-qipan": "1",
                "cookie": self.cookie,
            },
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


def send_in(person):
    """Sends a workbook of the sample half-year in, so that there is one to be asked about."""
    workbook = PACK / "samples/2021H1/project.csv"
    started = person.ask("POST", "/api/v1/imports?name=" + quote(workbook.name), workbook.read_bytes())
    for _ in range(300):
        if person.ask("GET", f"/api/v1/jobs/{started['job']}")["state"] in ("done", "failed"):
            return
        time.sleep(0.1)
    sys.exit(f"{workbook.name} is not read to its end")


def known(person):
    """Values that are there, by the name of the parameter: what is made up mostly finds nothing."""
    registers = [one["id"] for one in person.ask("GET", "/api/v1/registers")]
    digests = set()
    for register in registers:
        page = person.ask("GET", f"/api/v1/registers/{register}/records?limit=3")
        digests |= {record["source"] for record in page["records"]}
    return {
        "path.register": registers,
        "path.record": [1, 2, 3, 4],
        "path.digest": sorted(digests - {""}),
        "path.indicator": [one["id"] for one in person.ask("GET", "/api/v1/indicators")],
        "path.brief": [one["id"] for one in person.ask("GET", "/api/v1/briefs")["briefs"]],
        "path.path": [one["path"] for one in person.ask("GET", "/api/v1/pack/files")["files"]],
        "path.id": [1, 2, 3],
        "path.nth": [0, 1],
        # What most records' newest revision answers to.
        "header.if-match": ['"r1"'],
        "body.reason": ["契约检验"],
        "query.reason": ["契约检验"],
        "query.period": ["2021H1", "2021-06", "2021"],
        "query.recipient": ["kaizhou", "liangping"],
    }


def write_config(folder, values):
    """Tells schemathesis of them; one request in five is still made up."""
    lines = ["[dictionaries]"]
    bindings = ["[parameters]"]
    for key, choice in values.items():
        name = key.replace(".", "_").replace("-", "_")
        lines.append(f"{name} = {{ values = {json.dumps(choice)} }}")
        bindings.append(f"{json.dumps(key)} = {{ dictionary = {json.dumps(name)}, probability = 0.8 }}")
    with open(os.path.join(folder, "schemathesis.toml"), "w", encoding="utf-8") as config:
        config.write("\n".join(lines + bindings) + "\n")


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
        # Several threads make Python 3.11's parser fail now and then, which hypothesis asks.
        "--workers", "1",
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
            send_in(people["coordinator"])
            write_config(folder, known(people["coordinator"]))
            failed = []
            for login, choice, share in RUNS:
                person = people[login]
                # Nobody is told to wait: what is generated comes faster than people ask.
                haste = {"rate_per_second": 1_000_000, "rate_burst": 1_000_000}
                people["system"].ask("PATCH", "/api/v1/settings", haste)
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
