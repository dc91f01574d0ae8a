"""Clients and echo servers of WebSocket over HTTP/1.1 (RFC 6455) and HTTP/2 (RFC 8441).

    websocket_peers.py serve http1|http2 PORT-FILE
    websocket_peers.py talk http1|http2 HOST:PORT

A client sends messages of many sizes, whole and in fragments, checks what comes back, pings, and closes; it
prints how many messages it has exchanged.
"""

import asyncio
import os
import socket
import sys

import h2.config
import h2.connection
import h2.events
import websockets
from hypercorn.asyncio import serve
from hypercorn.config import Config
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, Ping, Pong, TextMessage

SIZES = [0, 1, 125, 126, 65535, 65536, 300_000]
TEXTS = ["x" * size for size in SIZES]


def bound_socket(port_file):
    """A socket at a free port, whose number the file says."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    with open(port_file + ".new", "w") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    return listener


async def serve_http1(port_file):
    async def echo(connection):
        async for message in connection:
            await connection.send(message)

    listener = bound_socket(port_file)
    async with websockets.serve(echo, sock=listener, max_size=None, compression=None):
        await asyncio.Future()


async def serve_http2(port_file):
    async def application(scope, receive, send):
        if scope["type"] != "websocket":
            return
        assert scope["http_version"] == "2", scope["http_version"]
        while True:
            event = await receive()
            if event["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            elif event["type"] == "websocket.receive":
                await send({"type": "websocket.send", "text": event["text"]})
            else:
                return

    config = Config()
    config.bind = [f"fd://{bound_socket(port_file).detach()}"]
    config.accesslog = None
    await serve(application, config)


async def talk_http1(address):
    async with websockets.connect(f"ws://{address}/chat", max_size=None, compression=None) as connection:
        for text in TEXTS:
            await connection.send(text)
            assert await connection.recv() == text, len(text)
        await connection.send([TEXTS[-1], "and", "more"])
        assert await connection.recv() == TEXTS[-1] + "andmore"
        await (await connection.ping())
    return len(TEXTS) + 1


class Stream:
    """A client's WebSocket on a stream of HTTP/2."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.http2 = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
        self.http2.initiate_connection()
        self.flush()
        self.websocket = Connection(ConnectionType.CLIENT)
        self.messages = []
        self.status = None
        self.number = None

    def flush(self):
        self.socket.sendall(self.http2.data_to_send())

    def read(self):
        data = self.socket.recv(65536)
        assert data, "the connection has ended"
        for event in self.http2.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                self.status = dict(event.headers)[":status"]
            elif isinstance(event, h2.events.DataReceived):
                self.http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self.websocket.receive_data(event.data)
                self.messages += list(self.websocket.events())
        self.flush()

    def open(self):
        while not self.http2.remote_settings.enable_connect_protocol:
            self.read()
        self.number = self.http2.get_next_available_stream_id()
        fields = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/chat"),
            (":authority", "example.com"), ("sec-websocket-version", "13"),
        ]
        self.http2.send_headers(self.number, fields)
        self.flush()
        while self.status is None:
            self.read()
        assert self.status == "200", self.status

    def send(self, event):
        data = self.websocket.send(event)
        while data:
            room = min(self.http2.local_flow_control_window(self.number), self.http2.max_outbound_frame_size)
            if room == 0:
                self.read()
                continue
            self.http2.send_data(self.number, data[:room])
            data = data[room:]
            self.flush()

    def receive(self):
        """The text of the next whole message, or what else comes."""
        text = ""
        while True:
            while not self.messages:
                self.read()
            event = self.messages.pop(0)
            if not isinstance(event, Message):
                return event
            text += event.data
            if event.message_finished:
                return text


def talk_http2(address):
    stream = Stream(address)
    stream.open()
    for text in TEXTS:
        stream.send(TextMessage(data=text))
        assert stream.receive() == text, len(text)
    stream.send(TextMessage(data=TEXTS[-1], message_finished=False))
    stream.send(TextMessage(data="more"))
    assert stream.receive() == TEXTS[-1] + "more"
    stream.send(Ping(payload=b"abc"))
    answer = stream.receive()
    assert isinstance(answer, Pong) and answer.payload == b"abc", answer
    stream.send(CloseConnection(code=1000))
    answer = stream.receive()
    assert isinstance(answer, CloseConnection) and answer.code == 1000, answer
    # Some servers end the stream now, some the connection.
    stream.socket.close()
    return len(TEXTS) + 1


def main():
    what, version, place = sys.argv[1:]
    if what == "serve":
        asyncio.run((serve_http1 if version == "http1" else serve_http2)(place))
    elif version == "http1":
        print(asyncio.run(talk_http1(place)))
    else:
        print(talk_http2(place))


main()
