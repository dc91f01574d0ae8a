"""rsyslog (Debian), which takes messages over TCP and writes what it understood of each."""
import os

from .server import Server, program, text_of


class Syslog(Server):
    def __init__(self, folder, port=None):
        super().__init__("syslog", folder, port)
        self.seen = os.path.join(self.folder, "messages")
        self.config = os.path.join(self.folder, "rsyslog.conf")
        with open(self.config, "w") as file:
            file.write(f"""
global(workDirectory="{self.folder}" parser.escapeControlCharactersOnReceive="off" maxMessageSize="64k")
module(load="imtcp")
template(name="seen" type="string" string="%timereported:::date-rfc3339% %app-name% %msgid% %msg%\\n")
ruleset(name="all") {{ action(type="omfile" file="{self.seen}" template="seen") }}
input(type="imtcp" address="127.0.0.1" port="{self.port}" ruleset="all")
""")

    def command(self):
        return [program("rsyslogd", "/usr/sbin"), "-n", "-f", self.config, "-i", os.path.join(self.folder, "pid")]

    def shown(self):
        return text_of(self.seen)
