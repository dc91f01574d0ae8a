import TestSupport
import Testing

/// A worker in this process, between clients and services made of plain sockets.
@Suite(.serialized, .ownThread) enum DataPlaneTests {}
