"""Expressions made at random, by type, so that most of them mean something."""
import random

# Names with their types and values, in protobuf's JSON form and in Python.
VARIABLES = {
    "i": ("INT64", {"int64_value": "7"}, 7),
    "n": ("INT64", {"int64_value": "-3"}, -3),
    "d": ("DOUBLE", {"double_value": 2.5}, 2.5),
    "s": ("STRING", {"string_value": "h\u00e9llo w\u00f6rld"}, "h\u00e9llo w\u00f6rld"),
    "e": ("STRING", {"string_value": ""}, ""),
    "b": ("BOOL", {"bool_value": True}, True),
    # Without NUL, which the binding of the C++ implementation does not let through.
    "y": ("BYTES", {"bytes_value": "/v8="}, b"\xfe\xff"),
}
LITERALS = {
    "int": ["0", "1", "-1", "2", "7", "100", "9223372036854775807", "-9223372036854775808", "0x1F"],
    "uint": ["0u", "1u", "7u", "18446744073709551615u"],
    "double": ["0.0", "1.0", "-1.5", "2.25", "1e10", "0.1", "1.0/0.0", "0.0/0.0", "-0.0"],
    "string": ["''", "'a'", "'abc'", "'\\u00e9'", "'a,b,c'", "'12'", "'-7'", "'1.5'", "'true'", "r'\\d'", "'A b'"],
    "bytes": ["b''", "b'a'", "b'abc'", "b'\\xff'", "b'\\303\\251'"],
    "bool": ["true", "false"],
    "timestamp": ["timestamp('2009-02-13T23:31:30Z')", "timestamp(0)", "timestamp('1969-12-31T23:59:59.5Z')"],
    "duration": ["duration('90s')", "duration('-1.5s')", "duration('1h2m3s')", "duration('100ms')"],
    "list": ["[]", "[1, 2, 3]", "[3, 1]", "[0]"],
    "map": ["{}", "{'a': 1}", "{'a': 1, 'b': 2}"],
    "null": ["null"],
}
# What gives a type: a template whose {type} are filled in.
FORMS = {
    "int": [
        "({int} + {int})", "({int} - {int})", "({int} * {int})", "({int} / {int})", "({int} % {int})", "-({int})",
        "size({string})", "size({list})", "size({bytes})", "size({map})", "{string}.size()", "int({uint})",
        "int({double})", "int({string})", "int({timestamp})", "({bool} ? {int} : {int})", "{list}[{int}]",
        "{map}['a']", "{map}.b", "{timestamp}.getFullYear()", "{timestamp}.getMonth()", "{timestamp}.getDayOfYear()",
        "{timestamp}.getDayOfWeek()", "{timestamp}.getDate()", "{timestamp}.getHours('Europe/Berlin')",
        "{timestamp}.getMinutes('-03:30')", "{timestamp}.getMilliseconds()", "{duration}.getSeconds()",
        "{duration}.getMinutes()", "{string}.indexOf({string})", "{string}.lastIndexOf({string})", "math.abs({int})",
        "math.sign({int})", "math.bitAnd({int}, {int})", "math.bitXor({int}, {int})",
        "math.bitShiftLeft({int}, {int})", "math.bitShiftRight({int}, {int})", "cel.bind(w, {int}, w + w)",
        "math.greatest({int}, {int})", "math.least({int}, {int})",
    ],
    "uint": ["({uint} + {uint})", "({uint} - {uint})", "({uint} * {uint})", "({uint} / {uint})", "uint({int})",
             "uint({double})", "uint({string})", "({uint} % {uint})"],
    "double": ["({double} + {double})", "({double} * {double})", "({double} / {double})", "double({int})",
               "double({string})", "double({uint})", "-({double})", "math.ceil({double})", "math.floor({double})",
               "math.round({double})", "math.trunc({double})", "math.abs({double})"],
    "string": ["({string} + {string})", "string({int})", "string({uint})", "string({bytes})", "string({bool})",
               "({bool} ? {string} : {string})", "{string}.charAt({int})", "{string}.lowerAscii()",
               "{string}.upperAscii()", "{string}.replace({string}, {string})", "{string}.replace('l', 'x', {int})",
               "{string}.substring({int})", "{string}.substring({int}, {int})", "{string}.trim()",
               "{string}.split(',').join('-')", "'%s-%d'.format([{string}, {int}])", "'%x'.format([{int}])",
               "'%s'.format([{list}])", "'%.2f'.format([{double}])", "string(timestamp({int}))", "string(duration('1h2m3s'))",
               "base64.encode({bytes})"],
    "bytes": ["({bytes} + {bytes})", "bytes({string})"],
    "bool": [
        "({int} < {int})", "({int} >= {int})", "({double} <= {double})", "({string} < {string})", "({uint} > {uint})",
        "({bytes} < {bytes})", "({bool} < {bool})", "({timestamp} < {timestamp})", "({duration} >= {duration})",
        "({int} == {int})", "({string} != {string})", "({double} == {double})", "({list} == {list})", "({map} == {map})",
        "(dyn({int}) == {double})", "(dyn({int}) < {double})", "(dyn({uint}) <= {int})", "(dyn({string}) == {int})",
        "({bool} && {bool})", "({bool} || {bool})", "!({bool})", "({int} in {list})", "({string} in {map})",
        "has({map}.a)", "{list}.all(v, v > {int})", "{list}.exists(v, v / {int} > 1)", "{list}.exists_one(v, v == {int})",
        "{map}.all(k, {map}[k] > 1)", "{string}.contains({string})", "{string}.startsWith({string})",
        "{string}.endsWith({string})", "{string}.matches({string})", "bool({string})", "(type({int}) == int)",
        "({null} == dyn({int}))", "math.isNaN({double})", "math.isFinite({double})",
    ],
    "timestamp": ["({timestamp} + {duration})", "({timestamp} - {duration})", "timestamp({int})"],
    "duration": ["({timestamp} - {timestamp})", "({duration} + {duration})", "({duration} - {duration})"],
    "list": ["({list} + {list})", "{list}.map(v, v * {int})", "{list}.filter(v, v > {int})", "[{int}, {int}]",
             "{list}.map(v, v > {int}, v + 1)", "({bool} ? {list} : {list})"],
    "map": ["{{'a': {int}}}", "{{'b': {int}, 'a': {int}}}", "{{{string}: {int}}}", "({bool} ? {map} : {map})"],
    "null": ["null"],
}
NAMES = {"int": ["i", "n"], "double": ["d"], "string": ["s", "e"], "bool": ["b"], "bytes": ["y"]}


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def expression(self, kind=None, depth=4):
        kind = kind or self.random.choice(list(FORMS))
        if depth == 0 or self.random.random() < 0.2:
            return self.random.choice(LITERALS[kind] + NAMES.get(kind, []))
        return self.fill(self.random.choice(FORMS[kind]), depth - 1)

    def fill(self, form, depth):
        text, rest = "", form
        while rest:
            if rest[:2] in ("{{", "}}"):
                text, rest = text + rest[0], rest[2:]
            elif rest[0] == "{":
                end = rest.index("}")
                text, rest = text + self.expression(rest[1:end], depth), rest[end + 1:]
            else:
                text, rest = text + rest[0], rest[1:]
        return text
