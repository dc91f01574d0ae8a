"""curl, nghttp and h2load."""
import re
import subprocess

from harness.cases import case, same


def said(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    same(done.returncode, 0, f"exit of {command[0]}, which said {done.stderr[-500:]}")
    return done.stdout


@case("curl")
def pages_and_uploads(peer):
    """curl agrees on HTTP/2 by ALPN, gets pages in parallel and has an upload sent back."""
    form = ["--cacert", peer.ca, "--http2", "-sS", "-w", "\n%{http_code} %{http_version}\n"]
    urls = [f"{peer.url}/item/{n}/{n}" for n in range(30)]
    text = said("curl", *form, "--parallel", *urls)
    same(len(re.findall(r"^200 2$", text, re.M)), 30, "pages")
    sent = peer.bench.write(peer.name(), "0123456789" * 200_000)
    text = said("curl", *form, "--data-binary", f"@{sent}", f"{peer.url}/echo")
    same(text, "0123456789" * 200_000 + "\n200 2\n", "upload")


@case("curl")
def http1_when_asked_for(peer):
    """The same listener speaks HTTP/1.1 with who wants that."""
    same(said("curl", "--cacert", peer.ca, "--http1.1", "-sS", "-w", " %{http_version}", f"{peer.url}/item/1/1"),
         "1:x 1.1", "answer")


@case("nghttp")
def windows_of_every_size(peer):
    """nghttp gets pages with the smallest windows and the largest."""
    for windows in ([], ["-w", "10", "-W", "16"], ["-w", "30", "-W", "30"]):
        text = said("nghttp", "-ns", *windows, *(f"{peer.url}/item/{n}/200000" for n in range(5)))
        same(len(re.findall(r" 200 +195K /item/", text)), 5, f"pages with {windows}")


@case("h2load")
def thousands_of_requests(peer):
    """h2load meets no failure in thousands of requests on six connections."""
    text = said("h2load", "-n", "3000", "-c", "6", "-m", "15", f"{peer.url}/item/7/1000")
    same("3000 total, 3000 started, 3000 done, 3000 succeeded, 0 failed, 0 errored, 0 timeout" in text, True, text)
    same("Application protocol: h2" in text, True, text)
