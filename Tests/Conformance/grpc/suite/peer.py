"""What cases are run against: where to call, how, and the server behind it."""
import itertools
import os
import threading

import grpc

ECHO = "/postern.conformance.v1.Echo/"
ROUGH = "/rough.v1.Rough/"
_names = itertools.count(1)


class Peer:
    """A target, with the stubs for it; `server` is where the server itself listens, for Control."""

    def __init__(self, modules, target, server, ca=None, web=None, server_ca=None):
        self.messages, self.services = modules
        self.target, self.server, self.ca, self.web, self.server_ca = target, server, ca, web, server_ca
        self.channels = []
        self.echo = self.services.EchoStub(self.channel())
        self.control = self.services.ControlStub(self.channel(server, server_ca))

    def channel(self, target=None, ca=None, options=()):
        """A connection of its own; the suite closes it with the peer."""
        target, ca = (target, ca) if target else (self.target, self.ca)
        options = [
            ("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1),
            ("grpc.max_metadata_size", 128 * 1024), ("grpc.absolute_max_metadata_size", 256 * 1024),
            ("grpc.enable_retries", 0), *options]
        if ca:
            with open(ca, "rb") as file:
                credentials = grpc.ssl_channel_credentials(file.read())
            channel = grpc.secure_channel(target.replace("127.0.0.1", "localhost"), credentials, options)
        else:
            channel = grpc.insecure_channel(target, options)
        self.channels.append(channel)
        return channel

    def ask(self, **fields):
        return self.messages.Ask(**fields)

    @staticmethod
    def name():
        """A name for a call whose fate is asked for."""
        return f"call-{os.getpid()}-{next(_names)}"

    def fate(self, name):
        fates = self.messages.Fate
        return fates.State.Name(self.control.FateOf(self.messages.Name(name=name)).state).lower()

    def release(self, name):
        self.control.Release(self.messages.Name(name=name))

    def close(self):
        for channel in self.channels:
            channel.close()


class Sender:
    """The request side of a stream: messages one by one, to its end."""

    def __init__(self):
        self.waiting, self.ready = [], threading.Condition()

    def send(self, message):
        with self.ready:
            self.waiting.append(message)
            self.ready.notify()

    def end(self):
        self.send(None)

    def __iter__(self):
        return self

    def __next__(self):
        with self.ready:
            self.ready.wait_for(lambda: self.waiting)
            message = self.waiting.pop(0)
        if message is None:
            raise StopIteration
        return message


def failure(function, *arguments, **options):
    """The error that a call ends with."""
    try:
        result = function(*arguments, **options)
        if hasattr(result, "__next__"):
            result = list(result)
    except grpc.RpcError as error:
        return error
    raise AssertionError(f"the call succeeded with {str(result)[:200]}")
