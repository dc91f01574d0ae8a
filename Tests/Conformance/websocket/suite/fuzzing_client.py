"""Autobahn's fuzzing client on Python 3: `fuzzing_client.py CODE CASES OUTPUT NAME=URL...`.

CODE is the folder that `convert.py` has filled. The cases take a text of Python 2 for bytes; here such a text has a
character for each byte, and becomes bytes where it meets the protocol.
"""
import json
import os
import sys
import types

code, cases, output, *targets = sys.argv[1:]
sys.path[0] = code  # not this folder, which has modules of its own


def bytes_of(text):
    return text.encode("latin-1") if isinstance(text, str) else text


def text_of(data):
    return data.decode("latin-1") if isinstance(data, (bytes, bytearray)) else data


latin = types.ModuleType("latin")
latin.hex = lambda text: bytes_of(text).hex()
resources = types.ModuleType("pkg_resources")
resources.resource_filename = lambda package, name: os.path.join(code, package, name)
sys.modules.update(latin=latin, pkg_resources=resources)
# The command line, which wants much more.
sys.modules["autobahntestsuite.wstest"] = types.ModuleType("wstest")

import zope.interface  # noqa: E402
from autobahn.websocket import utf8validator  # noqa: E402

zope.interface.implements = lambda *_: None


class Validator(utf8validator.Utf8Validator):
    """Takes texts of the cases, too."""

    def validate(self, text):
        return super().validate(bytes_of(text))


utf8validator.Utf8Validator = Validator

from autobahntestsuite import fuzzing  # noqa: E402
from autobahntestsuite.case.case import Case  # noqa: E402
from twisted.internet import reactor  # noqa: E402

fuzzing.asciiLogData = fuzzing.binLogData = lambda data, *_, **__: ""
# Pickles of equal values differ when their parts are shared differently.
Case.compare = lambda self, one, other: one == other


class Client(fuzzing.FuzzingClientProtocol):
    """Bytes on the side of the protocol, texts on that of the cases."""

    def sendFrame(self, opcode, payload=b"", *arguments, payload_len=None, **options):
        payload = bytes_of(payload)
        if payload_len is not None:  # The library counts the repetitions in floating point.
            payload = (payload * (payload_len // len(payload) + 1))[:payload_len]
        super().sendFrame(opcode, payload, *arguments, **options)

    def sendMessage(self, payload, *arguments, **options):
        super().sendMessage(bytes_of(payload), *arguments, **options)

    def sendMessageFrameData(self, payload, *arguments, **options):
        return super().sendMessageFrameData(bytes_of(payload), *arguments, **options)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        super().sendCloseFrame(code, bytes_of(reasonUtf8), isReply)

    def onMessage(self, message, is_binary):
        # The cases of compression compare hashes, of bytes.
        is_case_of_bytes = hasattr(self.runCase, "testData")
        super().onMessage(message if is_case_of_bytes else text_of(message), is_binary)

    def onPing(self, payload):
        super().onPing(text_of(payload))

    def onPong(self, payload):
        super().onPong(text_of(payload))

    def connectionLost(self, reason):
        self.wirelog = []
        super().connectionLost(reason)

    def logRxOctets(self, data):
        pass

    def logTxOctets(self, data, sync):
        pass

    def logRxFrame(self, head, payload):
        pass

    def logTxFrame(self, head, *_):
        self.txFrameStats[head.opcode] = self.txFrameStats.get(head.opcode, 0) + 1


class Factory(fuzzing.FuzzingClientFactory):
    """Keeps the behaviours, writes nothing else."""

    def buildProtocol(self, address):
        protocol = Client()
        protocol.factory, protocol.caseAgent, protocol.case = self, self.agent, self.currentCaseIndex
        protocol.Case = fuzzing.Cases[self.currentCaseIndex - 1]
        protocol.runCase = protocol.Case(protocol)
        return protocol

    def logCase(self, result):
        self.agents.setdefault(result["agent"], {})[result["id"]] = [
            result["behavior"], result["behaviorClose"], result["result"], result["resultClose"]]

    def createReports(self):
        with open(output, "w") as file:
            json.dump(self.agents, file)


pairs = [target.split("=", 1) for target in targets]
Factory({
    "servers": [{"agent": name, "url": url} for name, url in pairs],
    "cases": cases.split(","), "exclude-cases": [], "exclude-agent-cases": {}})
reactor.run()
