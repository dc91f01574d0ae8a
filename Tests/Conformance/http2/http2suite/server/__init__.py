"""Cases for servers, a module a topic."""

from . import (  # noqa: F401
    addressing, codings, control, fields, flow, framing, messages, starting, states, tables, translation, types)
