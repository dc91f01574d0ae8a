"""The WebSocket server: `python -m suite.echo PORT`. The first part of the path says what it does."""
import asyncio
import http
import json
import signal
import sys
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

# What became of connections that have a name: the code they were closed with, or "open".
fates = {}


def asked(connection):
    """The words of the path, and the connection's name."""
    parts = urlsplit(connection.request.path)
    return parts.path.strip("/").split("/"), parse_qs(parts.query).get("name", [""])[0]


async def handle(connection):
    words, name = asked(connection)
    if name:
        fates[name] = "open"
    try:
        await BEHAVIOURS.get(words[0], echo)(connection, words[1:])
    except ConnectionClosed:
        pass
    finally:
        await connection.close()
        if name:
            fates[name] = str(connection.close_code)


async def echo(connection, _):
    """Everything comes back as it came."""
    async for message in connection:
        await connection.send(message)


async def greet(connection, words):
    """Speaks first."""
    await connection.send("hello")
    await echo(connection, words)


async def ping(connection, _):
    """Pings the client, and says that the answer came."""
    await (await connection.ping(b"are you there"))
    await connection.send("you are")


async def close(connection, words):
    """Closes with a code."""
    await connection.close(int(words[0]), "as you wish")


async def drop(connection, _):
    """The connection ends without a word."""
    connection.transport.abort()


async def flood(connection, words):
    """Sends so many messages of 64 KiB, whether the client reads or not."""
    for number in range(int(words[0])):
        await connection.send(number.to_bytes(4, "big") + bytes(65_532))


BEHAVIOURS = {"greet": greet, "ping": ping, "close": close, "drop": drop, "flood": flood}


def before(connection, request):
    """Answers that are no upgrade: a refusal, and the fates."""
    path = urlsplit(request.path).path
    if path == "/refused":
        return connection.respond(http.HTTPStatus.FORBIDDEN, "not you\n")
    if path == "/fates":
        return connection.respond(http.HTTPStatus.OK, json.dumps(fates))
    return None


async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with serve(
            handle, "127.0.0.1", int(sys.argv[1]), max_size=None, ping_interval=None, backlog=2048,
            process_request=before,
            select_subprotocol=lambda _, offered: next((one for one in offered if one == "second"), None)):
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
