"""A server of events and long polls, paced by its client: `python -m suite.events PORT`.

`GET /events?name=N&count=C` sends an event for each `POST /release?name=N`; `GET /poll?name=N` is answered after
one; `POST /upload?name=N` takes a body, and `GET /taken?name=N` says how much of it has come; `GET /fate?name=N`
says what became of a response.
"""
import asyncio
import signal
import sys
from collections import defaultdict
from urllib.parse import parse_qs, urlsplit

gates = defaultdict(lambda: asyncio.Semaphore(0))
taken = defaultdict(int)
fates = {}
END = b"\r\n"


async def head_of(reader):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return lines[0].split(" ")[1], fields


async def chunks_of(reader, fields):
    """The pieces of a body, as they come."""
    if fields.get("transfer-encoding") != "chunked":
        left = int(fields.get("content-length", 0))
        while left:
            piece = await reader.read(min(left, 65536))
            left -= len(piece)
            yield piece
        return
    while size := int((await reader.readline()).strip(), 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


def plain(writer, text):
    body = str(text).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


async def events(reader, writer, name, count):
    """The client's end is seen by a read that returns nothing."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n")
    await writer.drain()
    fates[name] = "open"
    gone = asyncio.create_task(reader.read(1))
    for number in range(count):
        turn = asyncio.create_task(gates[name].acquire())
        await asyncio.wait({turn, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done():
            turn.cancel()
            fates[name] = "left"
            return False
        text = b"id: %d\ndata: event %d\n\n" % (number, number)
        writer.write(b"%x\r\n%s\r\n" % (len(text), text))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    fates[name] = "ended"
    gone.cancel()
    return False


async def serve_one(reader, writer):
    """One request; whether there may be another."""
    target, fields = await head_of(reader)
    parts, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
    name = query.get("name", [""])[0]
    if parts == "/events":
        return await events(reader, writer, name, int(query["count"][0]))
    if parts == "/upload":
        async for piece in chunks_of(reader, fields):
            taken[name] += len(piece)
    else:
        async for _ in chunks_of(reader, fields):
            pass
    if parts == "/release":
        gates[name].release()
    elif parts == "/poll":
        fates[name] = "open"
        await gates[name].acquire()
    plain(writer, {"/taken": taken[name], "/fate": fates.get(name, "")}.get(parts, "done"))
    return True


async def serve(reader, writer):
    try:
        while await serve_one(reader, writer):
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1])):
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
