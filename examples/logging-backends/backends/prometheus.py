"""Prometheus (Debian), which scrapes the gateway every quarter of a second."""
import json
import os
import urllib.parse
import urllib.request

from .server import Server, program


class Prometheus(Server):
    def __init__(self, folder, target, port=None):
        super().__init__("prometheus", folder, port)
        self.config = os.path.join(self.folder, "prometheus.yml")
        with open(self.config, "w") as file:
            file.write(f"""
global: {{ scrape_interval: 250ms, scrape_timeout: 250ms }}
scrape_configs:
  - {{ job_name: gateway, static_configs: [{{ targets: ["{target}"] }}] }}
""")

    def command(self):
        return [program("prometheus"), "--config.file", self.config, "--storage.tsdb.path", f"{self.folder}/data",
                "--web.listen-address", f"127.0.0.1:{self.port}", "--log.level=error"]

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def is_ready(self):
        return "Ready" in self.ask("/-/ready")

    def value(self, query):
        """The first value of a PromQL query; 0 without one."""
        answer = self.ask("/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        results = json.loads(answer)["data"]["result"] if answer else []
        return float(results[0]["value"][1]) if results else 0.0
