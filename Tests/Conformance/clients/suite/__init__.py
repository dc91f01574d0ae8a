"""Clients of HTTP/2 that others wrote."""
