# SPDX-License-Identifier: Apache-2.0
"""Rules of the source tree: who includes whom, sizes, licences, and what `check` says of shipped files.

TOKENYARD names the binary: TOKENYARD=build/release/tokenyard python3 test_architecture.py
"""
import json
import os
import pathlib
import re
import subprocess
import unittest
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIM = ROOT / "sim"
ORDER = ["core", "config", "results", "catalog", "traffic", "network", "model", "serving", "fleet",
         "sweep", "plan", "commands"]

# The header's beginning, and the only places (below sim/) that may include it.
CONFINED = {
    "simgrid/": ["network/"], "xbt/": ["network/"], "hdf5": ["results/"], "H5": ["results/"],
    "yaml-cpp/": ["config/"], "valijson/": ["config/"], "pugixml": ["network/"], "boost/": ["network/"],
    "CLI/": ["main.cpp", "commands/trace_command_line.cpp", "commands/platform_command_line.cpp",
             "commands/sweep_command_line.cpp"], "openssl/": ["core/"], "zlib": ["traffic/"], "pcg_": ["core/"],
}

MOST_LINES, MANY_LINES, LONG_FUNCTION = 500, 250, 70
LONG_FILES = {}  # path below the root: why it may be longer than MOST_LINES

# Folders and files whose numbers decide results: only correctly rounded functions there.
PORTABLE = ["core/", "traffic/", "serving/", "model/", "sweep/", "fleet/simulation.cpp", "fleet/faults.cpp",
            "fleet/maintenance.cpp", "fleet/autoscaler.cpp"]
LIBM = ("sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp exp2 expm1 log log2 "
        "log10 log1p pow cbrt hypot erf erfc tgamma lgamma").split()


def binary():
    path = os.environ.get("TOKENYARD")
    if not path:
        raise AssertionError("set TOKENYARD to the path of the tokenyard binary")
    return str(pathlib.Path(path).resolve())


def tokenyard(*arguments):
    return subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True,
                          timeout=300, check=False)


def cpp_files(*folders):
    return sorted(f for folder in folders for f in (ROOT / folder).rglob("*")
                  if f.suffix in (".cpp", ".hpp", ".h"))


def code_of(path):
    """The text without comments and the content of literals; line numbers stay."""
    def blank(match):
        text = match.group(0)
        return '""' + "\n" * text.count("\n") if text[0] in "\"'R" else "\n" * text.count("\n")
    pattern = (r'R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\''
               r'|//[^\n]*|/\*(?:.|\n)*?\*/')
    return re.sub(pattern, blank, path.read_text())


def includes(path):
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            found.append((number, match.group(1), match.group(2)))
    return found


def functions(code):
    """(first line, lines) of each brace block that follows ')' and is no control statement."""
    stack, found, line = [], [], 1
    before = ""
    for character in code:
        if character == "{":
            head = re.split(r"[;{}]", before)[-1].strip()
            word = re.match(r"(?:\}?\s*)(\w+)?", head).group(1)
            is_function = (re.search(r"\)\s*(const|noexcept|override|final|mutable|->[^()]*|"
                                     r":.*)*\s*$", head, re.S) is not None
                           and word not in ("if", "for", "while", "switch", "else", "do", "catch"))
            stack.append((line, is_function))
        elif character == "}" and stack:
            first, is_function = stack.pop()
            if is_function:
                found.append((first, line - first + 1))
        if character == "\n":
            line += 1
        before = (before + character)[-2000:]
    return found


class Includes(unittest.TestCase):
    def test_folders_are_known(self):
        folders = {f.name for f in SIM.iterdir() if f.is_dir()}
        self.assertEqual(set(), folders - set(ORDER), "a folder of sim/ has no place in the order")

    def test_arrows_point_down(self):
        wrong, seen = [], 0
        for path in cpp_files("sim"):
            parts = path.relative_to(SIM).parts
            if len(parts) < 2:
                continue
            for number, _, name in includes(path):
                target = name.split("/")[0]
                if target not in ORDER or "/" not in name:
                    continue
                seen += 1
                if ORDER.index(target) > ORDER.index(parts[0]):
                    wrong.append(f"{path.relative_to(ROOT)}:{number}: includes {name}")
        self.assertGreater(seen, 100, "the includes were not found")
        self.assertEqual([], wrong)

    def test_own_headers_name_their_folder(self):
        wrong = [f"{p.relative_to(ROOT)}:{n}: {name}" for p in cpp_files("sim")
                 for n, quote, name in includes(p) if quote == '"' and "/" not in name]
        self.assertEqual([], wrong, 'own headers are included as "folder/name.hpp"')

    def test_third_party_is_confined(self):
        wrong, used = [], set()
        for path in cpp_files("sim"):
            place = path.relative_to(SIM).as_posix()
            for number, _, name in includes(path):
                for start, allowed in CONFINED.items():
                    if not name.startswith(start):
                        continue
                    used.add(start)
                    if not any(place.startswith(a) for a in allowed):
                        wrong.append(f"{path.relative_to(ROOT)}:{number}: includes {name}; "
                                     f"only {', '.join(allowed)} may")
        self.assertEqual([], wrong)
        self.assertEqual(set(), set(CONFINED) - used, "no file includes these; tidy the list")


class Sizes(unittest.TestCase):
    def test_files(self):
        wrong = []
        for path in cpp_files("sim", "tests"):
            name = path.relative_to(ROOT).as_posix()
            lines = len(path.read_text().splitlines())
            if lines > MOST_LINES and name not in LONG_FILES:
                wrong.append(f"{name}: {lines} lines, more than {MOST_LINES}")
            elif lines > MANY_LINES and name.startswith("sim/"):
                warnings.warn(f"{name}: {lines} lines, more than {MANY_LINES}")
        self.assertEqual([], wrong)
        gone = [f for f in LONG_FILES if not (ROOT / f).exists()]
        self.assertEqual([], gone, "listed as long, but not there")

    def test_functions(self):
        seen = 0
        for path in cpp_files("sim"):
            for first, lines in functions(code_of(path)):
                seen += 1
                if lines > LONG_FUNCTION:
                    warnings.warn(f"{path.relative_to(ROOT)}:{first}: a function of {lines} lines")
        self.assertGreater(seen, 300, "the functions were not found")


class Text(unittest.TestCase):
    def test_licence_line_first(self):
        wanted = "// SPDX-License-Identifier: Apache-2.0"
        wrong = [str(p.relative_to(ROOT)) for p in cpp_files("sim", "tests")
                 if p.read_text().split("\n", 1)[0] != wanted]
        self.assertEqual([], wrong)

    def forbid(self, pattern, paths, why):
        wrong = []
        for path in paths:
            for number, line in enumerate(code_of(path).splitlines(), 1):
                match = re.search(pattern, line)
                if match:
                    wrong.append(f"{path.relative_to(ROOT)}:{number}: {match.group(0).strip()}")
        self.assertEqual([], wrong, why)

    def test_no_library_distributions(self):
        self.forbid(r"\bstd::\w+_distribution\b|\bstd::(shuffle|sample|random_device|mt19937\w*)\b"
                    r"|(?<![\w.>])s?rand\s*\(",
                    cpp_files("sim"), "their numbers differ from library to library")

    def test_no_unordered_containers(self):
        paths = [p for p in cpp_files("sim") if p.relative_to(SIM).parts[0] != "config"]
        self.forbid(r"\bunordered_(multi)?(map|set)\b", paths,
                    "their order differs from library to library")

    def test_portable_functions_only(self):
        paths = [p for p in cpp_files("sim")
                 if any(p.relative_to(SIM).as_posix().startswith(s) for s in PORTABLE)]
        self.assertGreater(len(paths), 30)
        # A qualified std:: name, or a plain call; not a member, nor a declaration of our own.
        names = "|".join(LIBM)
        self.forbid(rf"\bstd::({names})[fl]?\b|(?<![\w.>:])(?<!double )({names})[fl]?\s*\((?!double)",
                    [p for p in paths if p.name not in ("portable_math.hpp",)],
                    "libm rounds them differently from version to version; see core/portable_math")


class ShippedFiles(unittest.TestCase):
    def test_check_passes(self):
        files = [f for pattern in ("configs/**/*.yaml", "studies/**/*.yaml", "workloads/*.yaml",
                                   "workloads/models/*.yaml", "platforms/*.xml",
                                   "platforms/catalog/*.yaml", "platforms/faults/*.yaml", "platforms/rules/*.yaml")
                 for f in sorted(ROOT.glob(pattern))]
        self.assertGreater(len(files), 20)
        for path in files:
            with self.subTest(file=str(path.relative_to(ROOT))):
                done = tokenyard("check", path)
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertEqual("", done.stderr)
                self.assertEqual(f"{path}: ok\n", done.stdout)


def enums_of(node, where=""):
    """(where, x-list, enum) of each place of a schema that takes its names from a list."""
    if isinstance(node, dict):
        if "x-list" in node:
            yield where, node["x-list"], node.get("enum", [])
        for key, value in node.items():
            yield from enums_of(value, f"{where}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from enums_of(value, f"{where}/{i}")


def listed(what):
    done = tokenyard("list", what)
    assert done.returncode == 0, done.stderr
    return [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]


class Schemas(unittest.TestCase):
    def test_files_are_what_list_prints(self):
        for name in ("scenario", "study", "workload"):
            with self.subTest(schema=name):
                done = tokenyard("list", f"schema:{name}")
                self.assertEqual(0, done.returncode, done.stderr)
                file = (ROOT / "configs" / f"{name}.schema.json").read_text()
                self.assertTrue(done.stdout == file,
                                f"configs/{name}.schema.json is not what `tokenyard list "
                                f"schema:{name}` prints; write it anew with that command")

    def test_enumerations_are_filled(self):
        for name in ("scenario", "study", "workload"):
            printed = json.loads(tokenyard("list", f"schema:{name}").stdout)
            file = json.loads((ROOT / "configs" / f"{name}.schema.json").read_text())
            for source, schema in (("list", printed), ("file", file)):
                for where, which, enum in enums_of(schema):
                    with self.subTest(schema=name, source=source, where=where, list=which):
                        self.assertNotEqual([], enum)
                        self.assertEqual(len(set(enum)), len(enum))

    def test_enumerations_are_the_lists(self):
        found = {which: enum for _, which, enum in
                 enums_of(json.loads(tokenyard("list", "schema:scenario").stdout))}
        for which in ("routers", "pool_routers", "batchers"):
            names = listed(which.replace("_", "-"))
            self.assertNotEqual([], names)
            self.assertEqual(names, found[which])

    def test_routers_are_those_of_within_pool(self):
        schema = json.loads(tokenyard("list", "schema:scenario").stdout)
        names = schema["properties"]["routing"]["properties"]["within_pool"]["enum"]
        self.assertEqual(listed("routers"), names)


if __name__ == "__main__":
    unittest.main()
