"""Redis' Python client over TLS, without its retries: what was set is got."""
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from harness.cases import same


class Client:
    """A connection."""

    def __init__(self, number, port, ca):
        self.key = f"key-{number}"
        self.client = redis.Redis(
            "localhost", port, ssl=True, ssl_ca_certs=ca, retry=Retry(NoBackoff(), 0), socket_timeout=30,
            single_connection_client=True)
        self.value = None

    def call(self, number):
        if number % 2 == 0 or self.value is None:
            self.value = bytes([number % 256]) * (number % 1000, 100_000)[number % 50 == 0]
            same(self.client.set(self.key, self.value), True, "answer to SET")
        else:
            same(self.client.get(self.key), self.value, "value")

    def close(self):
        self.client.close()


def maker(facts):
    return lambda number: Client(number, facts["ports"]["cache"], facts["ca"])
