"""What the C++ implementation makes of expressions (PyPI: cel-expr-python)."""
import datetime

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_strings

from . import grammar

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Reference:
    def __init__(self):
        types = {name: getattr(cel.Type, {"INT64": "INT"}.get(kind, kind))
                 for name, (kind, _, _) in grammar.VARIABLES.items()}
        self.values = {name: value for name, (_, _, value) in grammar.VARIABLES.items()}
        extensions = [ext_bindings.ExtBindings(), ext_encoders.ExtEncoders(), ext_math.ExtMath(), ext_strings.ExtStrings()]
        self.environment = cel.NewEnv(variables=types, extensions=extensions)

    def evaluate(self, text):
        """The value as `normal` has them, or ("error", why)."""
        try:
            result = self.environment.compile(text).eval(self.environment.Activation(self.values))
        except (RuntimeError, ValueError, OverflowError) as error:
            return "error", str(error)
        return self.normal(result)

    def normal(self, value):
        name = value.type().name().split("<")[0].lower()
        try:
            plain = value.value()
        except (ValueError, OverflowError, RuntimeError) as error:
            return "unknown", str(error)
        if name == "error":
            return "error", str(plain)
        if name == "list":
            return "list", [self.normal(one) for one in plain]
        if name == "map":
            return "map", sorted((repr(key), self.normal(one)) for key, one in plain.items())
        if name == "timestamp":
            return name, (plain - EPOCH) // datetime.timedelta(microseconds=1)
        if name == "duration":
            return name, plain // datetime.timedelta(microseconds=1)
        if name == "double":
            return name, repr(float(plain))
        if name == "bytes":
            return name, bytes(plain)
        if name in ("int", "uint"):
            return name, int(plain)
        return name, plain
