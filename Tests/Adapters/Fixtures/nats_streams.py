"""Makes streams and reads them: nats_streams.py URL create NAME SUBJECT [LIMIT=N ...] | read NAME"""
import asyncio
import json
import sys

import nats
from nats.js.api import DiscardPolicy, StreamConfig


async def main(url, command, name, *rest):
    client = await nats.connect(url, connect_timeout=30)
    streams = client.jetstream()
    if command == "create":
        limits = {key: int(value) for key, value in (each.split("=") for each in rest[1:])}
        await streams.add_stream(StreamConfig(name=name, subjects=[rest[0]], discard=DiscardPolicy.NEW, **limits))
    else:
        info = await streams.stream_info(name)
        for number in range(1, info.state.messages + 1):
            message = await streams.get_msg(name, number)
            print(json.dumps({"subject": message.subject, "record": json.loads(message.data)}))
    await client.close()


asyncio.run(main(*sys.argv[1:]))
