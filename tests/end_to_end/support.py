# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the binary, the data, scenarios derived from configs/azure-conv.yaml.

TOKENYARD names the binary, TOKENYARD_DATA the folder of shared data (default: ../shared/data).
"""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "configs" / "azure-conv.yaml"
WORKLOAD = ROOT / "workloads" / "azure-conv-2023.yaml"
PLATFORM = ROOT / "platforms" / "aws.xml"
DATA = pathlib.Path(os.environ.get("TOKENYARD_DATA") or ROOT.parent / "shared" / "data")
TRACE = DATA / "traces" / "azure_conv_2023.csv.gz"
TRACE_LINE = "../workloads/traces/azure_conv_2023.csv.gz"


def binary():
    path = os.environ.get("TOKENYARD")
    if not path:
        raise AssertionError("set TOKENYARD to the path of the tokenyard binary")
    return str(pathlib.Path(path).resolve())


def environment(**more):
    """Ours without what would change the traffic or the terminal, plus `more`."""
    drop = ("TOKENYARD_DATA", "TOKENYARD_HOME", "NO_COLOR", "GLIBC_TUNABLES")
    return {**{k: v for k, v in os.environ.items() if k not in drop}, **more}


def tokenyard(*arguments, timeout=120, **more):
    return subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True,
                          errors="replace", timeout=timeout, env=environment(**more), check=False)


def replaced(text, *pairs):
    """`text` with each (old, new); every old must stand there exactly once."""
    for old, new in pairs:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the scenario"
        text = text.replace(old, new)
    return text


def scenario_text(*pairs, trace="absent.csv.gz"):
    """azure-conv.yaml with absolute paths; the trace is not there, unless given."""
    text = replaced(SCENARIO.read_text(), *pairs)
    for old, new in ((TRACE_LINE, str(trace)), ("../workloads/azure-conv-2023.yaml", str(WORKLOAD)),
                     ("../platforms/aws.xml", str(PLATFORM))):
        text = text.replace(old, new)
    return text


class InFolder(unittest.TestCase):
    """A test with a temporary folder of its own, self.folder."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content)
        return path
