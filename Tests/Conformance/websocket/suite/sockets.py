"""WebSockets: messages, pings, and all ways to end."""
import asyncio
import base64
import os
import struct

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from harness.cases import case, eventually, same


def ending(connection):
    """How a connection ends."""
    try:
        while True:
            connection.recv(timeout=20)
    except ConnectionClosed:
        return connection.close_code, connection.close_reason


def refusal(peer, path):
    """The answer to an upgrade that is refused."""
    try:
        peer.connect(path).close()
    except InvalidStatus as error:
        return error.response
    raise AssertionError("the upgrade succeeded")


def upgrade(peer, path):
    """A raw connection, upgraded; what came behind the head."""
    raw = peer.socket()
    key = base64.b64encode(os.urandom(16)).decode()
    path = path if peer.is_gateway else path.removeprefix("/ws")
    raw.sendall((f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += raw.recv(1) or exit_with("the connection ended in the head")
    same(head.split(b" ")[1], b"101", "status")
    return raw


def exit_with(text):
    raise AssertionError(text)


def masked(opcode, payload):
    """A frame of a client, shorter than 126 bytes."""
    return struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload)) + bytes(4) + payload


@case("messages")
def text_and_bytes(peer):
    """Text and bytes come back, in order"""
    with peer.connect() as connection:
        sent = ["", "a", "é ☃ 𝄞", b"", bytes(range(256)), "x" * 70_000]
        for message in sent:
            connection.send(message)
        same([connection.recv(timeout=20) for _ in sent], sent, "messages")


@case("messages")
def large_message(peer):
    """A message of 16 MiB comes back whole"""
    with peer.connect(compression=None) as connection:
        block = os.urandom(16 << 20)
        connection.send(block)
        same(connection.recv(timeout=60) == block, True, "the same bytes")


@case("messages")
def fragments(peer):
    """A message in pieces is echoed"""
    with peer.connect() as connection:
        connection.send(iter(["one, ", "two, ", "three"]))
        same(connection.recv(timeout=20), "one, two, three", "message")


@case("messages")
def compression(peer):
    """`permessage-deflate` is agreed on by client and service, and works"""
    with peer.connect() as connection:
        same("permessage-deflate" in connection.response.headers.get("Sec-WebSocket-Extensions", ""), True, "agreed")
        connection.send("z" * 100_000)
        same(connection.recv(timeout=20), "z" * 100_000, "message")


@case("messages")
def subprotocol(peer):
    """The service chooses among the client's subprotocols"""
    with peer.connect(subprotocols=["first", "second"]) as connection:
        same(connection.subprotocol, "second", "subprotocol")


@case("messages")
def server_speaks_first(peer):
    """What the service sends right behind its 101 is not lost"""
    for _ in range(50):
        with peer.connect("/ws/greet") as connection:
            same(connection.recv(timeout=20), "hello", "first message")


@case("messages")
def slow_reader(peer):
    """A client that reads late gets every message of a service that sends without pause"""
    with peer.connect("/ws/flood/300", compression=None) as connection:
        numbers = [int.from_bytes(connection.recv(timeout=20)[:4], "big") for _ in range(300)]
        same(numbers, list(range(300)), "messages")


@case("messages")
def pings_of_the_client(peer):
    """A ping of the client is answered by the service"""
    with peer.connect() as connection:
        for number in range(5):
            same(connection.ping(f"ping {number}").wait(20), True, "pong")


@case("messages")
def pings_of_the_service(peer):
    """A ping of the service is answered by the client"""
    with peer.connect("/ws/ping") as connection:
        same(connection.recv(timeout=20), "you are", "message")


@case("messages")
def thousand_connections(peer):
    """A thousand connections are open at once and each gets its own messages"""
    async def one(number, ready, all_ready):
        scheme, host = ("wss", "localhost") if peer.ca else ("ws", peer.host)
        path = "/ws/echo" if peer.is_gateway else "/echo"
        async with connect(f"{scheme}://{host}:{peer.port}{path}", ssl=peer.context, compression=None,
                           open_timeout=60, ping_interval=None, proxy=None) as connection:
            ready.release()
            await all_ready.wait()
            for turn in range(3):
                await connection.send(f"{number} {turn}")
                same(await connection.recv(), f"{number} {turn}", "message")

    async def work():
        ready, all_ready = asyncio.Semaphore(0), asyncio.Event()
        tasks = []
        for number in range(1_000):
            tasks.append(asyncio.create_task(one(number, ready, all_ready)))
            # No more at once than a listener's backlog of 128 takes.
            if number >= 100:
                await ready.acquire()
        for _ in range(100):
            await ready.acquire()
        all_ready.set()
        await asyncio.gather(*tasks)

    asyncio.run(asyncio.wait_for(work(), 120))


@case("endings")
def close_of_the_client(peer):
    """The service is told the client's code"""
    name = peer.name()
    connection = peer.connect(f"/ws/echo?name={name}")
    connection.close(4_001, "bye")
    eventually(lambda: peer.fate(name) == "4001", "the service has the code")


@case("endings")
def close_of_the_service(peer):
    """The client is told the service's code and reason"""
    with peer.connect("/ws/close/4002") as connection:
        same(ending(connection), (4_002, "as you wish"), "ending")


@case("endings")
def service_drops(peer):
    """When the service's connection ends, so does the client's"""
    with peer.connect("/ws/drop") as connection:
        same(ending(connection)[0], 1006, "code")


@case("endings")
def client_drops(peer):
    """When the client's connection ends, so does the service's"""
    name = peer.name()
    raw = upgrade(peer, f"/ws/echo?name={name}")
    eventually(lambda: peer.fate(name) == "open", "the service has it")
    raw.close()
    eventually(lambda: peer.fate(name) == "1006", "the service is told")


@case("endings")
def end_behind_a_message(peer):
    """What the client sends right before its end reaches the service: a close frame, its code"""
    name = peer.name()
    raw = upgrade(peer, f"/ws/echo?name={name}")
    raw.sendall(masked(8, struct.pack("!H", 4_003)))
    raw.close()
    eventually(lambda: peer.fate(name) == "4003", "the service has the code")


@case("endings")
def half_close(peer):
    """A client that ends its side right behind its close frame still gets the service's"""
    if peer.ca:
        return  # A plain end is none of TLS.
    raw = upgrade(peer, "/ws/echo")
    raw.sendall(masked(8, struct.pack("!H", 1_000)))
    raw.shutdown(1)
    got = b""
    while piece := raw.recv(4096):
        got += piece
    same(got, b"\x88\x02\x03\xe8", "close frame")


@case("refusals")
def refused_by_the_service(peer):
    """An answer that is no 101 passes, with its body"""
    response = refusal(peer, "/ws/refused")
    same((response.status_code, response.body), (403, b"not you\n"), "answer")


@case("filters")
def refused_by_a_filter(peer):
    """A filter refuses with 401 before there is an upgrade, and the service never hears of it"""
    name = peer.name()
    same(refusal(peer, f"/ws-guarded/echo?name={name}").status_code, 401, "status")
    same(peer.fate(name), None, "what the service knows")


@case("filters")
def let_through_by_a_filter(peer):
    """With the right key the same path is upgraded"""
    with peer.connect("/ws-guarded/echo", additional_headers={"x-api-key": "a-key-for-tests"}) as connection:
        connection.send("in")
        same(connection.recv(timeout=20), "in", "message")


@case("filters")
def idle_timeout(peer):
    """A connection on which nothing happens is closed, on both sides"""
    name = peer.name()
    with peer.connect(f"/ws-idle/echo?name={name}") as connection:
        connection.send("in")
        same(connection.recv(timeout=20), "in", "message")
        same(ending(connection)[0], 1006, "code")
    eventually(lambda: peer.fate(name) == "1006", "the service is told")
