"""The service behind the gateway, for hypercorn: pages, an echo, events, a WebSocket, results."""
import asyncio
import os

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html")
gates, results = {}, {}


def gate(name):
    return gates.setdefault(name, asyncio.Semaphore(0))


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    if scope["type"] == "websocket":
        return await web_socket(receive, send)
    words = scope["path"].strip("/").split("/")
    handler = HANDLERS.get(words[0], missing)
    return await handler(words[1:], receive, send)


async def answer(send, body, status=200, kind=b"text/plain"):
    await send({"type": "http.response.start", "status": status, "headers": [
        (b"content-type", kind), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


async def whole(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def page(words, receive, send):
    """What a browser runs."""
    with open(PAGE, "rb") as file:
        await answer(send, file.read(), kind=b"text/html")


async def item(words, receive, send):
    """`/item/NUMBER/SIZE`."""
    number, size = int(words[0]), int(words[1])
    await answer(send, f"{number}:".encode() + b"x" * size)


async def echo(words, receive, send):
    await answer(send, await whole(receive), kind=b"application/octet-stream")


async def events(words, receive, send):
    """`/events/NAME`: the next event comes when the one before has been told to `/seen/NAME`."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    for number in range(5):
        await send({"type": "http.response.body", "body": f"data: {number}\n\n".encode(), "more_body": True})
        await gate(words[0]).acquire()
    await send({"type": "http.response.body", "body": b"event: end\ndata: end\n\n"})


async def seen(words, receive, send):
    gate(words[0]).release()
    await answer(send, b"")


async def never(words, receive, send):
    """Begins, and goes on until the client has had enough."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


async def result(words, receive, send):
    results[words[0]] = await whole(receive)
    await answer(send, b"")


async def told(words, receive, send):
    await answer(send, results.get(words[0], b""))


async def missing(words, receive, send):
    await answer(send, b"nothing here", status=404)


async def web_socket(receive, send):
    while True:
        message = await receive()
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        elif message["type"] == "websocket.receive":
            await send({"type": "websocket.send", "bytes": message.get("bytes"), "text": message.get("text")})
        else:
            return


HANDLERS = {"page": page, "item": item, "echo": echo, "events": events, "seen": seen, "never": never,
            "result": result, "results": told}
