"""Calls that succeed: messages of all sizes, and streams of all kinds."""
from concurrent.futures import ThreadPoolExecutor

from harness.cases import case, same
from suite.peer import Sender

UP, DOWN = 271_828, 314_159


@case("calls")
def empty_unary(peer):
    """An empty message is answered with an empty message"""
    same(peer.echo.Empty(peer.messages.Nothing()).ByteSize(), 0, "size of the answer")


@case("calls")
def large_unary(peer):
    """A message of 271,828 bytes is answered with one of 314,159"""
    answer = peer.echo.Unary(peer.ask(payload=bytes(UP), sizes=[DOWN]))
    same((answer.total, len(answer.payload)), (UP, DOWN), "bytes there and back")


@case("calls")
def very_large_unary(peer):
    """Messages of 8 MiB pass in both directions: flow control goes on"""
    size = 8 << 20
    answer = peer.echo.Unary(peer.ask(payload=bytes(size), sizes=[size]))
    same((answer.total, len(answer.payload)), (size, size), "bytes there and back")


@case("calls")
def client_streaming(peer):
    """Four messages are added up"""
    sizes = [27_182, 8, 1_828, 45_904]
    answer = peer.echo.Upload(peer.ask(payload=bytes(size)) for size in sizes)
    same((answer.count, answer.total), (4, sum(sizes)), "messages and bytes")


@case("calls")
def client_streaming_of_nothing(peer):
    """A stream that ends without a message is answered"""
    answer = peer.echo.Upload(iter(()))
    same((answer.count, answer.total), (0, 0), "messages and bytes")


@case("calls")
def server_streaming(peer):
    """Four messages come in order and whole"""
    sizes = [31_415, 9, 2_653, 58_979]
    same([len(one.payload) for one in peer.echo.Download(peer.ask(sizes=sizes))], sizes, "sizes")


@case("calls")
def server_streaming_is_not_held_back(peer):
    """Each message arrives before the server is told to send the next one"""
    name = peer.name()
    answers = peer.echo.Download(peer.ask(sizes=[10] * 5, paced=True), metadata=[("call-name", name)], timeout=20)
    for number in range(5):
        peer.release(name)
        same(next(answers).count, number + 1, "number of the message")
    same(list(answers), [], "what is left")


@case("calls")
def ping_pong(peer):
    """In a stream both ways each answer comes before the next question is asked"""
    sender = Sender()
    answers = peer.echo.Talk(sender, timeout=20)
    for up, down in [(27_182, 31_415), (8, 9), (1_828, 2_653), (45_904, 58_979)]:
        sender.send(peer.ask(payload=bytes(up), sizes=[down]))
        same(len(next(answers).payload), down, "size of the answer")
    sender.end()
    same(list(answers), [], "what is left")


@case("calls")
def empty_stream(peer):
    """A stream both ways that has no messages ends well"""
    same(list(peer.echo.Talk(iter(()))), [], "answers")


@case("calls")
def half_close(peer):
    """After the client's end the server goes on, as long as it likes"""
    answers = peer.echo.Talk(iter([peer.ask(sizes=[1_000] * 100)]))
    same(sum(len(one.payload) for one in answers), 100_000, "bytes")


@case("calls")
def many_messages(peer):
    """Ten thousand small messages arrive one by one"""
    same(sum(1 for _ in peer.echo.Download(peer.ask(sizes=[3] * 10_000))), 10_000, "messages")


@case("calls")
def concurrent_calls(peer):
    """Two hundred calls at once on one connection each get their own answer"""
    channel = peer.channel()
    echo = peer.services.EchoStub(channel)
    sizes = [1_000 + number for number in range(200)]
    calls = [echo.Unary.future(peer.ask(sizes=[size])) for size in sizes]
    same([len(one.result(30).payload) for one in calls], sizes, "sizes")


@case("calls")
def concurrent_streams(peer):
    """A hundred streams are open at once and each goes its own way"""
    echo = peer.services.EchoStub(peer.channel())
    senders = [Sender() for _ in range(100)]
    streams = [echo.Talk(sender, timeout=60) for sender in senders]
    for turn in range(3):
        for number, sender in enumerate(senders):
            sender.send(peer.ask(sizes=[number + turn]))
        for number, stream in enumerate(streams):
            same(len(next(stream).payload), number + turn, f"answer {turn} of stream {number}")
    for sender in senders:
        sender.end()
    same([list(stream) for stream in streams], [[]] * 100, "what is left")


@case("calls")
def concurrent_connections(peer):
    """Twenty clients with connections of their own call at once"""
    def work(number):
        channel = peer.channel()
        echo = peer.services.EchoStub(channel)
        return [len(echo.Unary(peer.ask(sizes=[number])).payload) for _ in range(10)]

    with ThreadPoolExecutor(20) as pool:
        same(list(pool.map(work, range(20))), [[number] * 10 for number in range(20)], "sizes")
