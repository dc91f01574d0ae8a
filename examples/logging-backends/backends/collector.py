"""OtelTap (PyPI), an OpenTelemetry receiver that prints the logs, metrics and spans it gets as lines of JSON."""
import os

from .server import Server, program, text_of


class Collector(Server):
    def __init__(self, folder, port=None):
        super().__init__("collector", folder, port)

    def command(self):
        return [program("oteltap"), "--port", str(self.port)]

    def environment(self):
        return {**os.environ, "PYTHONUNBUFFERED": "1"}

    def shown(self):
        return text_of(self.log)
