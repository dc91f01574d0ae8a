"""The backends of the example: each a process of its own on a free loopback port, with its files in one folder."""
