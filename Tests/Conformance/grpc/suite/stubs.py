"""The generated messages and stubs, made in a temporary folder at each run."""
import os
import subprocess
import sys

PROTO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "echo.proto")


def generate(folder):
    """Writes them into `folder`, where `load` of this and other processes finds them."""
    os.makedirs(folder, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={os.path.dirname(PROTO)}",
         f"--python_out={folder}", f"--grpc_python_out={folder}", os.path.basename(PROTO)], check=True)
    return folder


def load(folder):
    """The module of the messages, and that of the stubs."""
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import echo_pb2
    import echo_pb2_grpc

    return echo_pb2, echo_pb2_grpc
