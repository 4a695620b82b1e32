"""Drives the API with schemathesis: generated requests, valid and invalid, for a bounded time.

No request may make the server fail, and no answer may be one that the OpenAPI document does not
declare. Starts the binary named by QIPAN_BIN on the demo's data and asks with the municipal
coordinator's token, who may do most.
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

SECONDS = os.environ.get("CONTRACT_SECONDS", "90")
CHECKS = ",".join(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
# What would end the run or wait for ever: the session, tokens and password of the asking account,
# streams of events.
EXCLUDED = r"/api/v1/(session|sessions|tokens|oidc|accounts)(/|$)|/events$"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(base, path, body, cookie=""):
    request = urllib.request.Request(
        base + path,
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "x-qipan": "1", "cookie": cookie},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        cookie = (answer.headers.get("set-cookie") or "").split(";")[0]
        return json.load(answer), cookie


def wait(base):
    for _ in range(200):
        try:
            with urllib.request.urlopen(base + "/api/v1/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("qipan serve does not answer")


def main():
    binary = os.environ["QIPAN_BIN"]
    with tempfile.TemporaryDirectory(prefix="qipan-contract-") as folder:
        data = os.path.join(folder, "data")
        demo = subprocess.run(
            [binary, "--data", data, "demo", "--no-serve"], capture_output=True, text=True, check=True
        )
        # The demo prints its accounts, login and password side by side.
        login, password = re.search(r"\b(\S*coordinator\S*)\s+(\S+)", demo.stdout + demo.stderr).groups()
        base = f"http://127.0.0.1:{free_port()}"
        server = subprocess.Popen(
            [binary, "--data", data, "serve", "--listen", base.removeprefix("http://")],
            env={**os.environ, "RUST_LOG": "error"},
        )
        try:
            wait(base)
            _, cookie = ask(base, "/api/v1/session", {"login": login, "password": password})
            token, _ = ask(
                base, "/api/v1/tokens", {"name": "contract", "actions": None, "expires_days": 1}, cookie
            )
            command = [
                os.path.join(os.path.dirname(sys.executable), "schemathesis"),
                "run",
                base + "/api/v1/openapi.json",
                "--header",
                f"Authorization: Bearer {token['secret']}",
                "--checks",
                CHECKS,
                "--exclude-path-regex",
                EXCLUDED,
                "--phases",
                "examples,coverage,fuzzing",
                "--max-time",
                SECONDS,
                "--max-examples",
                "10",
                "--workers",
                "2",
                "--seed",
                "1",
                "--no-shrink",
                "--continue-on-failure",
                "--rate-limit",
                "auto",
                "--suppress-health-check",
                "all",
            ]
            ended = subprocess.run(command, cwd=folder, check=False).returncode
            if server.poll() is not None:
                sys.exit(f"qipan serve ended with {server.returncode}")
            return ended
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
