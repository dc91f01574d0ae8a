"""PostgreSQL's own library (psycopg), TLS in both ways: inside of its protocol and through the gateway, and with the gateway."""
import psycopg

from harness.cases import same


class Client:
    """A session."""

    def __init__(self, parameters):
        self.connection = psycopg.connect(parameters, autocommit=True)

    def call(self, number):
        size = (number % 1000, 100_000)[number % 50 == 0]
        row = self.connection.execute("select %s::int * 2, repeat('x', %s)", (number, size)).fetchone()
        same((row[0], len(row[1])), (2 * number, size), "row")

    def close(self):
        self.connection.close()


def maker(facts):
    shared = (f"host=localhost hostaddr=127.0.0.1 user=postgres dbname=postgres sslmode=verify-full connect_timeout=30 "
              f"sslrootcert={facts['ca']}")
    through = f"{shared} port={facts['ports']['database']}"
    ending = f"{shared} port={facts['ports']['database-tls']} sslnegotiation=direct"
    return lambda number: Client(ending if number % 2 else through)
