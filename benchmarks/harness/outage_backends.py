"""The backends that benchmarks/backends takes away: those of examples/logging-backends, and the tests' receivers.

Each has two handlers, `spool` and `drop`, and every record names its own: `spool/17`.
"""
import os
import re
import socket
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "examples/logging-backends"))

from backends import fluentd, nats, postgres, server, syslog  # noqa: E402

WAYS = ("spool", "drop")
MARK = re.compile(r"(spool|drop)/(\d+)")
FIXTURES = os.path.join(ROOT, "Tests/Adapters/Fixtures")


def counts(text):
    """For each way: how often each number stands in a text."""
    found = {way: {} for way in WAYS}
    for way, number in MARK.findall(text):
        found[way][int(number)] = found[way].get(int(number), 0) + 1
    return found


class Logged:
    """A backend whose records are counted by id."""

    template = "logentry"
    # What is killed may take along what it had read, or not: without acknowledgements nobody knows.
    acknowledges = True

    def take_away(self, mode):
        self.kill() if mode == "killed" else self.pause(True)

    def bring_back(self, mode):
        self.start() if mode == "killed" else self.pause(False)

    def arrived(self):
        return counts(self.shown())


class Folder(Logged):
    """The file adapter's: its folder is moved away; or the file is a pipe whose reader stands still."""

    name = "file"

    def __init__(self, folder, mode):
        self.folder = os.path.join(folder, "file")
        self.away = os.path.join(folder, "away")
        os.mkdir(self.folder)
        self.path = os.path.join(self.folder, "access.log")
        self.reader = None
        if mode == "silent":
            os.mkfifo(self.path)
            self.reader = Reader(folder, self.path)

    def start(self):
        if self.reader:
            self.reader.start()
        return self

    def stop(self):
        if self.reader:
            self.reader.stop()

    def take_away(self, mode):
        self.reader.pause(True) if self.reader else os.rename(self.folder, self.away)

    def bring_back(self, mode):
        self.reader.pause(False) if self.reader else os.rename(self.away, self.folder)

    def handler(self, way):
        return "file", {"path": self.path, "timeout": "1s"}

    def arrived(self):
        return counts(server.text_of(self.reader.seen if self.reader else self.path))


class Reader(server.Server):
    def __init__(self, folder, path):
        super().__init__("reader", folder)
        self.path, self.seen = path, os.path.join(self.folder, "seen")

    def command(self):
        # Open for writing too, so that it does not end with the first writer.
        return ["sh", "-c", f"exec cat <>{self.path} >{self.seen}"]

    def is_ready(self):
        return os.path.exists(self.seen)


class Syslog(Logged, syslog.Syslog):
    acknowledges = False

    def handler(self, way):
        return "syslog", {"address": f"127.0.0.1:{self.port}", "transport": "tcp", "timeout": "1s"}


class Fluentd(Logged, fluentd.Fluentd):
    def handler(self, way):
        return "fluentd", {"address": f"127.0.0.1:{self.port}", "timeout": "1s"}


class Fixture(Logged, server.Server):
    """A strict receiver of the tests, which writes what it understood before it answers."""

    script, arguments = "", ()

    def __init__(self, folder):
        super().__init__(self.name, folder)
        self.seen = os.path.join(self.folder, "seen")

    def command(self):
        return [sys.executable, "-B", os.path.join(FIXTURES, self.script), "--port", str(self.port), "--seen", self.seen,
                *self.arguments]

    def shown(self):
        text = server.text_of(self.seen)
        fault = re.search(r'.*"fault".*', text)
        if fault:
            raise SystemExit(f"{self.name} does not understand what it is sent: {fault[0]}")
        return text


class HttpLog(Fixture):
    name, script, arguments = "http-log", "log_server.py", ("--shape", "lines")

    def handler(self, way):
        return "http-log", {"url": f"http://127.0.0.1:{self.port}/logs", "timeout": "1s"}


class Zipkin(Fixture):
    name, script, arguments = "zipkin", "log_server.py", ("--shape", "array")
    template = "tracespan"

    def handler(self, way):
        return "zipkin", {"endpoint": f"http://127.0.0.1:{self.port}/logs", "timeout": "1s"}


class Otlp(Fixture):
    name, script = "otlp", "otlp_receiver.py"

    def command(self):
        return [sys.executable, "-B", os.path.join(FIXTURES, self.script), "http", str(self.port), self.folder]

    def shown(self):
        return server.text_of(os.path.join(self.folder, "requests"))

    def handler(self, way):
        return "otlp", {"endpoint": f"http://127.0.0.1:{self.port}", "timeout": "1s"}


class Kafka(Fixture):
    """librdkafka's mock cluster. It is at another port each time, so it can only stand still."""

    name, script, arguments = "kafka", "kafka_cluster.py", ("--topics", "postern.spool,postern.drop")

    def handler(self, way):
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as visitor:
            address = visitor.recv(100).decode()
        return "kafka", {"brokers": [address], "topic": f"postern.{way}", "timeout": "1s"}


class Postgres(Logged, postgres.Postgres):
    def handler(self, way):
        return "postgres", {
            "address": f"127.0.0.1:{self.port}", "database": "postgres", "password": postgres.PASSWORD, "timeout": "1s",
            "username": "postgres", "createTable": True}

    def shown(self):
        return self.query("select id from spool union all select id from \"drop\"")


class Nats(Logged, nats.Nats):
    def start(self):
        is_first = self.child is None
        super().start()
        return self.create() if is_first else self

    def handler(self, way):
        return "nats", {"address": f"127.0.0.1:{self.port}", "subject": f"gateway.{way}", "timeout": "1s"}


class Metrics(server.Server):
    """A server of a metrics protocol in lines."""

    template = "metric"
    acknowledges = False
    take_away, bring_back = Logged.take_away, Logged.bring_back

    def __init__(self, folder):
        super().__init__(self.name, folder)
        self.seen = os.path.join(self.folder, "seen")

    def command(self):
        return [sys.executable, "-B", os.path.join(ROOT, "benchmarks/backend/lines.py"), str(self.port), self.seen]


class Statsd(Metrics):
    name = "statsd"

    def handler(self, way):
        return "statsd", {"address": f"127.0.0.1:{self.port}", "transport": "tcp", "timeout": "1s", "prefix": way}

    def counted(self, way):
        return sum(int(number) for number in re.findall(rf"^{way}\.hits:(\d+)\|c$", server.text_of(self.seen), re.M))


class Graphite(Metrics):
    name = "graphite"

    def handler(self, way):
        return "graphite", {"address": f"127.0.0.1:{self.port}", "timeout": "1s", "prefix": way}

    def counted(self, way):
        numbers = re.findall(rf"^{way}\.hits (\d+) ", server.text_of(self.seen), re.M)
        return int(numbers[-1]) if numbers else 0


ALL = {
    "file": Folder, "syslog": Syslog, "fluentd": Fluentd, "http-log": HttpLog, "otlp": Otlp, "zipkin": Zipkin,
    "postgres": Postgres, "nats": Nats, "kafka": Kafka, "statsd": Statsd, "graphite": Graphite,
}


def modes(name):
    """How it can be taken away."""
    return ("silent",) if name == "kafka" else ("killed", "silent")
