"""Takes events by Fluentd's forward protocol and writes each as a line of JSON: fluentd_receiver.py PORT FILE

What has a chunk is acknowledged once it is written, as Fluentd and Fluent Bit do. Needs PyPI's msgpack.
"""
import json
import socket
import sys
import threading

import msgpack

lock = threading.Lock()


def events(message):
    """Time and record of each event of a message, in the protocol's three modes, and the message's options."""
    if isinstance(message[1], list):
        return message[1], message[2] if len(message) > 2 else {}
    if isinstance(message[1], bytes):
        unpacker = msgpack.Unpacker(raw=False)
        unpacker.feed(message[1])
        return list(unpacker), message[2] if len(message) > 2 else {}
    return [message[1:3]], message[3] if len(message) > 3 else {}


def seconds(time):
    if isinstance(time, msgpack.ExtType):
        return int.from_bytes(time.data[:4], "big") + int.from_bytes(time.data[4:], "big") / 1e9
    return time


def serve(connection, path):
    unpacker = msgpack.Unpacker(raw=False)
    while data := connection.recv(65536):
        unpacker.feed(data)
        for message in unpacker:
            entries, options = events(message)
            lines = [json.dumps({"tag": message[0], "time": seconds(time), **record}) for time, record in entries]
            with lock, open(path, "a") as file:
                file.write("".join(line + "\n" for line in lines))
            if "chunk" in options:
                connection.sendall(msgpack.packb({"ack": options["chunk"]}))


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], sys.argv[2]), daemon=True).start()
