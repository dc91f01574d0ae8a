"""PostgreSQL (Debian), with a cluster of its own."""
import glob
import os
import signal
import subprocess

from .server import Server, program

PASSWORD = "s3cret"


class Postgres(Server):
    stop_signal = signal.SIGINT

    def __init__(self, folder, port=None):
        super().__init__("postgres", folder, port)
        self.programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]
        password = os.path.join(self.folder, "password")
        with open(password, "w") as file:
            file.write(PASSWORD + "\n")
        # It refuses to run as root.
        if os.geteuid() == 0:
            for path in (folder, self.folder):
                os.chmod(path, 0o755)
            subprocess.run(["chown", "-R", "postgres", self.folder], check=True)
        subprocess.run(
            [*self.own("initdb"), "-D", self.data(), "-A", "scram-sha-256", "-U", "postgres", "--no-sync",
             "--pwfile", password, "-E", "UTF8", "--no-locale"], check=True, stdout=subprocess.DEVNULL)

    def own(self, name):
        found = program(name, *self.programs)
        if os.geteuid() != 0:
            return [found]
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", found]

    def data(self):
        return os.path.join(self.folder, "data")

    def command(self):
        return [*self.own("postgres"), "-D", self.data(), "-p", str(self.port), "-h", "127.0.0.1", "-k", self.folder,
                "-c", "max_connections=20", "-c", "fsync=off"]

    def is_ready(self):
        return self.query("select 1") == "1\n"

    def query(self, text):
        """What psql prints."""
        environment = {**os.environ, "PGPASSWORD": PASSWORD, "PGCONNECT_TIMEOUT": "5"}
        command = [program("psql", *self.programs), "-XqAt", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        return subprocess.run(command + ["-c", text], capture_output=True, text=True, env=environment).stdout

    def shown(self):
        return self.query("select * from requestlog")
