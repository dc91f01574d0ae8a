"""gRPC's own library, without its retries: calls and streams of every kind in turn."""
import grpc

from harness.cases import same
from suite.services import grpc_stubs

OPTIONS = [
    ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]


class Client:
    """A channel with a connection of its own."""

    def __init__(self, messages, stub, channel):
        self.messages, self.channel, self.stub = messages, channel, stub(channel)

    def call(self, number):
        ask = self.messages.Ask
        sizes = [number % 1000, 1 + number % 7, 20_000 if number % 50 == 0 else 0]
        pieces = [ask(payload=b"x" * (number % 500), sizes=[size]) for size in sizes]
        if number % 4 == 0:
            same(len(self.stub.Unary(ask(sizes=sizes), timeout=30).payload), sum(sizes), "bytes")
        elif number % 4 == 1:
            answer = self.stub.Upload(iter(pieces), timeout=30)
            same((answer.count, answer.total), (len(pieces), len(pieces) * (number % 500)), "messages and bytes")
        elif number % 4 == 2:
            answers = self.stub.Download(ask(sizes=sizes), timeout=30)
            same([len(one.payload) for one in answers], sizes, "answers")
        else:
            answers = self.stub.Talk(iter(pieces), timeout=30)
            same([len(one.payload) for one in answers], sizes, "answers")

    def close(self):
        self.channel.close()


def maker(facts):
    messages, services = grpc_stubs().load(facts["stubs"])
    with open(facts["ca"], "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    target = f"localhost:{facts['ports']['web']}"
    return lambda _: Client(messages, services.EchoStub, grpc.secure_channel(target, credentials, OPTIONS))
