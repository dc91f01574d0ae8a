"""Calls that end otherwise: cancelled, out of time, or because the server goes away."""
import time

import grpc

from harness.cases import case, eventually, same
from suite.http2 import Connection, framed
from suite.peer import ECHO, Sender, failure


def named(peer):
    name = peer.name()
    return name, {"metadata": [("call-name", name), ("waits-for-cancel", "yes")], "timeout": 30}


@case("endings")
def cancel_after_begin(peer):
    """A call that is cancelled before its first message is cancelled at the server"""
    name, options = named(peer)
    call = peer.echo.Upload.future(Sender(), **options)
    eventually(lambda: peer.fate(name) == "running", "the server has the call")
    call.cancel()
    same(call.code(), grpc.StatusCode.CANCELLED, "status")
    eventually(lambda: peer.fate(name) == "cancelled", "the server is told")


@case("endings")
def cancel_after_first_response(peer):
    """A stream that is cancelled after its first answer is cancelled at the server"""
    name, options = named(peer)
    sender = Sender()
    call = peer.echo.Talk(sender, **options)
    sender.send(peer.ask(payload=bytes(27_182), sizes=[31_415]))
    same(len(next(call).payload), 31_415, "size")
    call.cancel()
    same(failure(list, call).code(), grpc.StatusCode.CANCELLED, "status")
    eventually(lambda: peer.fate(name) == "cancelled", "the server is told")


@case("endings")
def cancel_of_a_waiting_unary(peer):
    """A unary call that waits for its answer is cancelled at the server"""
    name, options = named(peer)
    call = peer.echo.Unary.future(peer.ask(hold=True), **options)
    eventually(lambda: peer.fate(name) == "running", "the server has the call")
    call.cancel()
    eventually(lambda: peer.fate(name) == "cancelled", "the server is told")


@case("endings")
def other_calls_survive_a_cancel(peer):
    """A cancelled stream leaves the others of its connection alone"""
    echo = peer.services.EchoStub(peer.channel())
    sender = Sender()
    kept = echo.Talk(sender, timeout=30)
    sender.send(peer.ask(sizes=[1]))
    next(kept)
    for _ in range(20):
        other = echo.Download(peer.ask(sizes=[1], hold=True), timeout=30)
        next(other)
        other.cancel()
    sender.send(peer.ask(sizes=[2]))
    same(len(next(kept).payload), 2, "size")
    sender.end()
    same(list(kept), [], "what is left")


@case("endings")
def deadline_of_a_sleeping_server(peer):
    """A call whose time is over ends with DEADLINE_EXCEEDED, and at the server, too"""
    name = peer.name()
    error = failure(peer.echo.Unary, peer.ask(hold=True), timeout=0.3, metadata=[("call-name", name)])
    same(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED, "status")
    eventually(lambda: peer.fate(name) in ("cancelled", "unknown"), "the server is told")


@case("endings")
def deadline_of_a_sleeping_stream(peer):
    """The same for a stream that has begun to answer"""
    name = peer.name()
    call = peer.echo.Download(
        peer.ask(sizes=[1], hold=True), timeout=1, metadata=[("call-name", name)])
    error = failure(list, call)
    same(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED, "status")
    eventually(lambda: peer.fate(name) in ("cancelled", "unknown"), "the server is told")


@case("endings")
def deadline_reaches_the_server(peer):
    """The server knows how much time is left"""
    left = peer.echo.Unary(peer.ask(), timeout=40).remaining_ms
    # Libraries round up what they send.
    if not 0 < left <= 41_000:
        raise AssertionError(f"{left} ms are left of 40 s")


@case("endings")
def pings_are_answered(peer):
    """PING frames are answered while a call is open"""
    connection = Connection(peer.target, peer.ca)
    stream = connection.begin(ECHO + "Upload", body=framed(b""), end=False)
    for number in range(5):
        connection.ping(f"ping-{number:03}".encode())
    connection.h2.end_stream(stream)
    connection.send()
    answer = connection.finish(stream)
    connection.close()
    same(answer.ended.get("grpc-status"), "0", repr(answer))


@case("endings")
def keepalive(peer):
    """A channel with keepalive holds a silent stream open"""
    channel = peer.channel(options=[
        ("grpc.keepalive_time_ms", 200), ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1), ("grpc.http2.max_pings_without_data", 0)])
    sender = Sender()
    call = peer.services.EchoStub(channel).Talk(sender, timeout=30)
    sender.send(peer.ask(sizes=[1]))
    next(call)
    # Time for several pings: silence is what is under test, nothing is waited for.
    time.sleep(1.2)
    sender.send(peer.ask(sizes=[2]))
    same(len(next(call).payload), 2, "size")
    sender.end()
    same(list(call), [], "what is left")


@case("endings")
def server_goes_away(peer):
    """When the server says GOAWAY, the call in flight ends well and new ones are served"""
    sender = Sender()
    old = peer.echo.Talk(sender, timeout=60)
    sender.send(peer.ask(sizes=[1]))
    next(old)
    for _ in range(3):
        peer.control.GoAway(peer.messages.Nothing())
        # The library fails calls that reach it while it shuts down.
        eventually(lambda: answers(peer), "a call is served")
        for _ in range(20):
            same(answers(peer), True, "served")
        sender.send(peer.ask(sizes=[7]))
        same(len(next(old).payload), 7, "size in the old stream")
    sender.end()
    same(list(old), [], "what is left")


def answers(peer):
    try:
        return len(peer.echo.Unary(peer.ask(sizes=[3]), timeout=20).payload) == 3
    except grpc.RpcError:
        return False


@case("endings")
def health_check(peer):
    """The health service answers, and its watch tells of a change"""
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    stub = health_pb2_grpc.HealthStub(peer.channel())
    service = peer.name()
    peer.control.SetHealth(peer.messages.Health(service=service, serving=True))
    same(stub.Check(health_pb2.HealthCheckRequest(service=service)).status, 1, "health")
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=30)
    same(next(watch).status, 1, "first news")
    peer.control.SetHealth(peer.messages.Health(service=service, serving=False))
    same(next(watch).status, 2, "second news")
    watch.cancel()
    same(failure(stub.Check, health_pb2.HealthCheckRequest(service="none")).code(), grpc.StatusCode.NOT_FOUND)
