"""A receiver of Fluentd's forward protocol (version 1) that takes nothing it does not understand.

    fluent_receiver.py --port N --seen FILE [--shared-key KEY [--user NAME --password WORD]]
                       [--certificate FILE --key FILE] [--fault no-ack|other-ack|close|bad-pong]

Every event, and every fault of a client, becomes a line of JSON in FILE.
"""
import argparse
import hashlib
import json
import os
import socket
import ssl
import threading

import msgpack

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
options.add_argument("--seen", required=True)
options.add_argument("--shared-key")
options.add_argument("--user")
options.add_argument("--password")
options.add_argument("--certificate")
options.add_argument("--key")
options.add_argument("--fault", default="")
options = options.parse_args()
lock = threading.Lock()


def note(**fields):
    with lock, open(options.seen, "a") as seen:
        seen.write(json.dumps(fields) + "\n")


class Fault(Exception):
    pass


def demand(condition, what):
    if not condition:
        raise Fault(what)


def digest(*parts):
    return hashlib.sha512(b"".join(p.encode() if isinstance(p, str) else p for p in parts)).hexdigest()


def time_of(value):
    if isinstance(value, msgpack.ExtType):
        demand(value.code == 0 and len(value.data) == 8, "a time is an extension other than EventTime")
        seconds, nanoseconds = int.from_bytes(value.data[:4], "big"), int.from_bytes(value.data[4:], "big")
        demand(nanoseconds < 10**9, "an EventTime has a second of nanoseconds or more")
        return f"{seconds}.{nanoseconds:09}"
    demand(isinstance(value, int) and not isinstance(value, bool), "a time is neither a number nor an EventTime")
    return str(value)


def check_record(value):
    demand(isinstance(value, dict), "a record is no map")
    for key in value:
        demand(isinstance(key, str), "a record's key is no text")
    return value


def take_event(tag, mode, event):
    demand(isinstance(event, list) and len(event) == 2, "an event is no pair of time and record")
    return dict(tag=tag, mode=mode, time=time_of(event[0]), record=check_record(event[1]))


def take_message(message):
    """The events of a message, and its options."""
    demand(isinstance(message, list) and 2 <= len(message) <= 4, "a message is no array of 2 to 4")
    tag = message[0]
    demand(isinstance(tag, str) and tag, "a tag is no text")
    if isinstance(message[1], list):
        events = [take_event(tag, "forward", each) for each in message[1]]
        option = message[2] if len(message) > 2 else {}
    elif isinstance(message[1], (bytes, str)):
        demand(isinstance(message[1], bytes), "packed events are text")
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=True)
        unpacker.feed(message[1])
        events = [take_event(tag, "packedForward", each) for each in unpacker]
        demand(unpacker.tell() == len(message[1]), "packed events end within one")
        option = message[2] if len(message) > 2 else {}
    else:
        demand(len(message) >= 3, "a message has no record")
        events = [take_event(tag, "message", [message[1], message[2]])]
        option = message[3] if len(message) > 3 else {}
    demand(isinstance(option, dict), "options are no map")
    if "size" in option:
        demand(option["size"] == len(events), f"size is {option['size']} with {len(events)} events")
    if "chunk" in option:
        demand(isinstance(option["chunk"], str) and len(option["chunk"]) == 24, "a chunk is no base64 of 16 bytes")
    demand(set(option) <= {"size", "chunk", "compressed"}, f"unknown options {sorted(option)}")
    return events, option


def greet(connection, unpacker):
    nonce, auth = os.urandom(16), os.urandom(16) if options.user else b""
    connection.sendall(msgpack.packb(["HELO", {"nonce": nonce, "auth": auth, "keepalive": True}]))
    ping = receive(connection, unpacker)
    if ping is None:  # Somebody looked whether this listens.
        raise OSError
    demand(isinstance(ping, list) and len(ping) == 6 and ping[0] == "PING", "no PING")
    _, hostname, salt, proof, user, password = ping
    reason = ""
    if proof != digest(salt, hostname, nonce, options.shared_key):
        reason = "shared_key mismatch"
    elif options.user and (user != options.user or password != digest(auth, options.user, options.password)):
        reason = "username/password mismatch"
    elif not options.user and (user or password):
        reason = "nobody asked for a user"
    answer = "00" if options.fault == "bad-pong" else digest(salt, "receiver", nonce, options.shared_key)
    connection.sendall(msgpack.packb(["PONG", not reason, reason, "receiver", "" if reason else answer]))
    demand(not reason, reason)
    note(greeted=hostname)


def receive(connection, unpacker):
    while True:
        for message in unpacker:
            return message
        data = connection.recv(65536)
        if not data:
            return None
        unpacker.feed(data)


def serve(connection):
    try:
        if options.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(options.certificate, options.key)
            connection = context.wrap_socket(connection, server_side=True)
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=True)
        if options.shared_key:
            greet(connection, unpacker)
        while (message := receive(connection, unpacker)) is not None:
            events, option = take_message(message)
            if options.fault == "close":
                return
            for event in events:
                note(**event, acknowledged="chunk" in option)
            if "chunk" in option and options.fault != "no-ack":
                chunk = "other" if options.fault == "other-ack" else option["chunk"]
                connection.sendall(msgpack.packb({"ack": chunk}))
    except (Fault, ValueError, msgpack.UnpackException) as fault:
        note(fault=str(fault))
    except OSError:
        pass
    finally:
        connection.close()


listener = socket.create_server(("127.0.0.1", options.port))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
