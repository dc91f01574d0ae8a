"""Connections that sent one request and then nothing: what each costs the proxy in memory."""
import socket
import time

REQUEST = b"GET /100 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: idle\r\n\r\n"


def receive_answer(connection):
    """Reads one response with a Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += read(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    while len(body) < length:
        body += read(connection)


def read(connection):
    data = connection.recv(65536)
    if not data:
        raise SystemExit("the proxy closed a connection that should stay idle")
    return data


def settled(process):
    """Memory once two looks in a row agree to 64 KiB, or after 3 s."""
    last = process.memory()
    for _ in range(15):
        time.sleep(0.2)
        now = process.memory()
        if abs(now["resident"] - last["resident"]) < 65536:
            return now
        last = now
    return last


def memory_with(process, counts):
    """Memory with so many idle connections, for each of `counts` in ascending order."""
    held, result = [], {}
    try:
        result[0] = settled(process)
        for count in counts:
            while len(held) < count:
                connection = socket.create_connection(("127.0.0.1", process.port), timeout=10)
                connection.sendall(REQUEST)
                receive_answer(connection)
                held.append(connection)
            result[count] = settled(process)
    finally:
        for connection in held:
            connection.close()
    return result
