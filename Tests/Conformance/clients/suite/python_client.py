"""httpx, which speaks HTTP/2 by the package `h2`."""
import asyncio

import httpx

from harness.cases import case, same


def client(peer):
    return httpx.AsyncClient(http1=False, http2=True, verify=peer.trust, timeout=30, base_url=peer.url)


@case("httpx")
def many_requests_at_once(peer):
    """Hundreds of requests at once on one connection are each answered with their own page."""

    async def ask():
        async with client(peer) as session:
            answers = await asyncio.gather(*(session.get(f"/item/{n}/{n * 31}") for n in range(300)))
            same({one.http_version for one in answers}, {"HTTP/2"}, "versions")
            same([one.text for one in answers], [f"{n}:" + "x" * (n * 31) for n in range(300)], "pages")

    asyncio.run(ask())


@case("httpx")
def uploads_at_once(peer):
    """Uploads of a known length and of an unknown one come back as they were."""
    body = bytes(n * 7 % 251 for n in range(500_000))

    async def pieces():
        for start in range(0, len(body), 30_000):
            yield body[start:start + 30_000]

    async def send():
        async with client(peer) as session:
            answers = await asyncio.gather(
                *(session.post("/echo", content=body if n % 2 else pieces()) for n in range(10)))
            for one in answers:
                same((one.status_code, one.content == body), (200, True), "answer")

    asyncio.run(send())


@case("httpx")
def a_response_given_up(peer):
    """A response that is given up in the middle harms no other on its connection."""

    async def ask():
        async with client(peer) as session:
            for n in range(20):
                async with session.stream("GET", "/never") as response:
                    same(await anext(response.aiter_bytes()), b"begun", "beginning")
                same((await session.get(f"/item/{n}/5")).text, f"{n}:xxxxx", "page")

    asyncio.run(ask())
