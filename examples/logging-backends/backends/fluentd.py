"""A server of Fluentd's forward protocol, in a process of its own: `fluentd_receiver.py` writes what it gets."""
import os
import sys

from .server import Server, text_of


class Fluentd(Server):
    def __init__(self, folder, port=None):
        super().__init__("fluentd", folder, port)
        self.seen = os.path.join(self.folder, "events")

    def command(self):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fluentd_receiver.py")
        return [sys.executable, "-B", script, str(self.port), self.seen]

    def shown(self):
        return text_of(self.seen)
