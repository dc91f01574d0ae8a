"""The gRPC server: `python -m suite.server STUBS PORT [CERTIFICATE KEY]`."""
import asyncio
import os
import signal
import sys

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from suite import stubs  # noqa: E402

messages, services = stubs.load(sys.argv[1])
Fate = messages.Fate

OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_metadata_size", 128 * 1024),
    ("grpc.absolute_max_metadata_size", 256 * 1024),
    ("grpc.so_reuseport", 1),
    # The suite sends pings much more often than a service would allow.
    ("grpc.http2.min_ping_interval_without_data_ms", 1),
    ("grpc.http2.max_ping_strikes", 0),
]


class Calls:
    """What became of the calls that have a name."""

    def __init__(self):
        self.fates, self.gates = {}, {}

    def gate(self, name):
        return self.gates.setdefault(name, asyncio.Semaphore(0))


class Call:
    """One call of Echo: its fate, metadata and end."""

    def __init__(self, calls, context):
        self.calls, self.context = calls, context
        self.fields = dict(context.invocation_metadata() or ())
        self.name = self.fields.get("call-name", "")

    async def __aenter__(self):
        self.set(Fate.RUNNING)
        initial = [(name, self.fields[name]) for name in ("echo-initial", "echo-initial-bin") if name in self.fields]
        if initial:
            await self.context.send_initial_metadata(initial)
        trailing = [
            (name, self.fields[name]) for name in ("echo-trailing", "echo-trailing-bin") if name in self.fields]
        if trailing:
            self.context.set_trailing_metadata(trailing)
        return self

    async def __aexit__(self, kind, *_):
        # In the middle of a message a cancelled call ends by an error of another kind.
        self.set(Fate.FINISHED if kind in (None, grpc.aio.AbortError) else Fate.CANCELLED)

    def set(self, state):
        if self.name:
            self.calls.fates[self.name] = state

    async def pace(self, ask):
        if ask.paced:
            await self.calls.gate(self.name).acquire()

    async def stream_ended(self):
        """To the library a cancelled stream of requests looks like one that ended: only waiting tells."""
        if "waits-for-cancel" in self.fields:
            await asyncio.Event().wait()

    async def end(self, ask):
        """Does what the message wants done after its answers."""
        if ask.hold:
            await asyncio.Event().wait()
        if ask.status:
            await self.context.abort(next(c for c in grpc.StatusCode if c.value[0] == ask.status), ask.message)

    def answer(self, size, count=1, total=0):
        left = self.context.time_remaining()
        return messages.Answer(
            payload=bytes(size), count=count, total=total,
            fields={name: v if isinstance(v, bytes) else v.encode() for name, v in self.fields.items()},
            remaining_ms=-1 if left is None else int(left * 1000))


class Echo(services.EchoServicer):
    """Answers as asked."""

    def __init__(self, calls):
        self.calls = calls

    async def Empty(self, request, context):
        async with Call(self.calls, context):
            return messages.Nothing()

    async def Unary(self, request, context):
        async with Call(self.calls, context) as call:
            await call.pace(request)
            await call.end(request)
            return call.answer(sum(request.sizes), total=len(request.payload))

    async def Upload(self, requests, context):
        async with Call(self.calls, context) as call:
            count = total = 0
            async for one in requests:
                count, total = count + 1, total + len(one.payload)
                await call.end(one)
            await call.stream_ended()
            return call.answer(0, count, total)

    async def Download(self, request, context):
        async with Call(self.calls, context) as call:
            for number, size in enumerate(request.sizes):
                await call.pace(request)
                yield call.answer(size, number + 1)
            await call.end(request)

    async def Talk(self, requests, context):
        async with Call(self.calls, context) as call:
            count = total = 0
            async for one in requests:
                count, total = count + 1, total + len(one.payload)
                for size in one.sizes:
                    await call.pace(one)
                    yield call.answer(size, count, total)
                await call.end(one)
            await call.stream_ended()


class Control(services.ControlServicer):
    """What tests ask for, beside the gateway."""

    def __init__(self, calls, health_of, host):
        self.calls, self.health, self.host = calls, health_of, host

    async def FateOf(self, request, context):
        return Fate(state=self.calls.fates.get(request.name, Fate.UNKNOWN))

    async def Release(self, request, context):
        self.calls.gate(request.name).release()
        return messages.Nothing()

    async def SetHealth(self, request, context):
        states = health_pb2.HealthCheckResponse
        await self.health.set(request.service, states.SERVING if request.serving else states.NOT_SERVING)
        return messages.Nothing()

    async def GoAway(self, request, context):
        await self.host.replace()
        return messages.Nothing()


class Host:
    """The server in force; another takes its place when it goes away."""

    def __init__(self, port, tls):
        self.port, self.tls, self.calls = port, tls, Calls()
        self.health = health.aio.HealthServicer()
        self.server, self.leaving = None, set()

    async def start(self):
        server = grpc.aio.server(options=OPTIONS)
        services.add_EchoServicer_to_server(Echo(self.calls), server)
        services.add_ControlServicer_to_server(Control(self.calls, self.health, self), server)
        health_pb2_grpc.add_HealthServicer_to_server(self.health, server)
        address = f"127.0.0.1:{self.port}"
        if self.tls:
            pair = tuple(open(path, "rb").read() for path in (self.tls[1], self.tls[0]))
            server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
        else:
            server.add_insecure_port(address)
        await server.start()
        self.server = server

    async def replace(self):
        old = self.server
        await self.start()
        task = asyncio.create_task(old.stop(grace=60))
        self.leaving.add(task)
        task.add_done_callback(self.leaving.discard)


async def main():
    host = Host(int(sys.argv[2]), sys.argv[3:5])
    await host.health.set("", health_pb2.HealthCheckResponse.SERVING)
    await host.start()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await host.server.stop(grace=0)


if __name__ == "__main__":
    asyncio.run(main())
