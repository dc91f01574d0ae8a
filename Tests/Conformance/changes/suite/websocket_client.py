"""WebSockets of PyPI's `websockets` over TLS: messages of many sizes, text and bytes, come back as they were."""
import asyncio
import ssl

from websockets.asyncio.client import connect

from harness.cases import same


class Client:
    """A WebSocket, in a loop of its own."""

    def __init__(self, port, context):
        self.loop = asyncio.new_event_loop()
        self.socket = self.loop.run_until_complete(self._open(f"wss://localhost:{port}/echo", context))

    @staticmethod
    async def _open(address, context):
        return await connect(
            address, ssl=context, max_size=None, open_timeout=30, ping_interval=None, proxy=None)

    def call(self, number):
        size = (number % 1000, 70_000)[number % 50 == 0]
        message = "ä" * size if number % 2 else bytes([number % 256]) * size
        self.loop.run_until_complete(asyncio.wait_for(self._echo(message), 30))

    async def _echo(self, message):
        await self.socket.send(message)
        same(await self.socket.recv(), message, "message")

    def close(self):
        self.loop.run_until_complete(self.socket.close())
        same(self.socket.close_code, 1000, "code of the close")
        self.loop.close()


def maker(facts):
    context = ssl.create_default_context(cafile=facts["ca"])
    return lambda _: Client(facts["ports"]["web"], context)
