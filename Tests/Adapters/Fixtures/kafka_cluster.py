"""librdkafka's mock cluster, and a consumer of it.

    kafka_cluster.py --port N --seen FILE --topics NAME[,NAME...]

Listens at the port, where it tells each visitor the cluster's address. Every message of the topics becomes a line of
JSON in FILE.
"""
import argparse
import json
import socket
import threading

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
options.add_argument("--seen", required=True)
options.add_argument("--topics", required=True)
options = options.parse_args()

cluster = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1})
topics = options.topics.split(",")
broker = next(iter(cluster.list_topics(timeout=20).brokers.values()))
address = f"{broker.host}:{broker.port}"


def consume():
    consumer = Consumer({"bootstrap.servers": address, "group.id": "test", "topic.metadata.refresh.interval.ms": 200})
    assigned = []
    for topic in topics:
        partitions = cluster.list_topics(topic, timeout=20).topics[topic].partitions
        while not partitions:
            partitions = cluster.list_topics(topic, timeout=20).topics[topic].partitions
        assigned += [TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions]
    consumer.assign(assigned)
    while True:
        message = consumer.poll(0.2)
        if message is None or message.error():
            continue
        with open(options.seen, "a") as seen:
            seen.write(
                json.dumps(
                    {
                        "topic": message.topic(),
                        "partition": message.partition(),
                        "key": message.key() and message.key().decode(),
                        "time": message.timestamp()[1],
                        "record": json.loads(message.value()),
                    }
                )
                + "\n"
            )


threading.Thread(target=consume, daemon=True).start()
listener = socket.create_server(("127.0.0.1", options.port))
while True:
    visitor, _ = listener.accept()
    try:
        visitor.sendall(address.encode())
    except OSError:
        pass
    visitor.close()
