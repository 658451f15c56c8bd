# SPDX-License-Identifier: Apache-2.0
"""Compares the simulator's TPOT and TTFT with a table of measured ones."""

import hashlib
import os
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from .results import ResultError, open_result

MODELS = {
    "deepseek-ai/DeepSeek-R1": "deepseek-v3-r1",
    "deepseek-ai/DeepSeek-V3": "deepseek-v3-r1",
    "MiniMaxAI/MiniMax-M2.5": "minimax-m2.5",
    "meta-llama/Llama-3.1-405B": "llama-3.1-405b",
    "meta-llama/Llama-3.1-70B": "llama-3.1-70b",
    "meta-llama/Llama-3.1-8B-Instruct": "llama-3.1-8b",
    "moonshotai/Kimi-K2.5": "kimi-k2",
    "nvidia/DeepSeek-R1-NVFP4": "deepseek-v3-r1",
    "nvidia/DeepSeek-V3.1-NVFP4": "deepseek-v3-r1",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "llama-3.1-8b",
    "openai/gpt-oss-120b": "gpt-oss-120b",
    "openai/gpt-oss-20b": "gpt-oss-20b",
    "Qwen/Qwen3-235B-A22B": "qwen3-235b-a22b",
    "Qwen/Qwen3-32B": "qwen3-32b",
    "Qwen/Qwen3.5-397B-A17B": "qwen3.5-397b-a17b",
    "zhipuai/GLM-5": "glm-5",
}
RACKS = {
    "a100_sxm": "hgx-a100",
    "h100_sxm": "hgx-h100",
    "h200_sxm": "hgx-h200",
    "b200_sxm": "hgx-b200",
    "b300_sxm": "hgx-b300",
    "gb200": "gb200-nvl72",
    "gb300": "gb300-nvl72",
}
PRECISIONS = {"": "bf16", "bf16": "bf16", "fp8": "fp8", "fp8_block": "fp8", "fp4": "fp4",
              "nvfp4": "fp4"}
COLUMNS = ["model_path", "system", "precision", "isl", "osl", "gemm_quant_mode", "concurrency",
           "tp_size", "pp_size", "attention_dp_size", "silicon_ttft_ms", "silicon_tpot_ms"]
REFUSALS = {
    "does not fit": "the model does not fit",
    "scale-up domain": "tensor parallelism beyond the scale-up domain",
    " rate, or the model no ": "a precision that the accelerator or the model does not have",
    "KV size": "a KV precision that the model does not have",
}
HOME_REGION = "aws/us-east-1"
NOTE = ("The efficiency factors of the roofline are the defaults, not fitted to these points; "
        "no backend is told from another.")


class ValidationError(Exception):
    """An input cannot be used. The text is one line."""


class NotExpressed(Exception):
    """A measured point that has no scenario. The text is the reason."""


@dataclass(frozen=True)
class Point:
    """What of a measured point makes a scenario; equal points are simulated once."""

    rack: str
    model: str
    precision: str
    tensor: int
    prompt_tokens: int
    output_tokens: int
    users: int

    @property
    def requests(self):
        return max(3 * self.users, 8)


def read_measured(path):
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ValidationError(f"{path}: cannot be read ({' '.join(str(error).split())})") from error
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise ValidationError(f"{path}: no column '{missing[0]}'; it needs {', '.join(COLUMNS)}")
    return table


def point_of(row):
    """The point of a measured row; raises NotExpressed."""
    for column, what in (("pp_size", "pipeline parallelism"),
                         ("attention_dp_size", "data-parallel attention")):
        if _number(row[column], 1) > 1:
            raise NotExpressed(what)
    if row["model_path"] not in MODELS:
        raise NotExpressed(f"model {row['model_path']}")
    if row["system"] not in RACKS:
        raise NotExpressed(f"system {row['system']}")
    precision = _text(row["precision"]) or _text(row["gemm_quant_mode"])
    if precision not in PRECISIONS:
        raise NotExpressed(f"precision {precision}")
    counts = [_number(row[column], 0)
              for column in ("tp_size", "isl", "osl", "concurrency")]
    if min(counts) < 1 or not row["silicon_tpot_ms"] > 0 or not row["silicon_ttft_ms"] > 0:
        raise NotExpressed("a value that is missing or not positive")
    return Point(RACKS[row["system"]], MODELS[row["model_path"]], PRECISIONS[precision],
                 *(int(count) for count in counts))


def _number(value, otherwise):
    return otherwise if pd.isna(value) else float(value)


def _text(value):
    return "" if pd.isna(value) else str(value).strip()


class Catalog:
    """What the comparison needs of a home's platforms/catalog."""

    def __init__(self, home):
        self.folder = Path(home).resolve() / "platforms" / "catalog"
        try:
            self.racks = self._load("racks.yaml")["racks"]
            self._prices = self._load("prices.yaml")["prices"]
        except (OSError, KeyError, TypeError, yaml.YAMLError) as error:
            raise ValidationError(
                f"{home}: has no readable platforms/catalog ({' '.join(str(error).split())}); "
                "give the folder of the simulator's sources") from error

    def price(self, rack):
        """(region, basis) of a price of the rack; the home region and on-demand come first."""
        priced = [p for p in self._prices if p["rack"] == rack]
        if not priced:
            raise NotExpressed(f"no price of {rack}")
        regions = [(_region(p), p["basis"]) for p in priced]
        return min(regions, key=lambda found: (found[0] != HOME_REGION, found[1] != "on-demand"))

    def _load(self, name):
        return yaml.safe_load((self.folder / name).read_text())


def _region(price):
    if price["region"] == "any" and price["provider"] == "aws":
        return HOME_REGION
    return f"{price['provider']}/{price['region']}"


def platform_xml(rack, region, nodes):
    """One cluster of one rack; rates of the network are placeholders: no point leaves a replica."""
    provider = region.split("/")[0]
    return f"""<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="{provider}" routing="Full">
    <zone id="{region}" routing="Floyd">
      <prop id="region" value="{region}"/>
      <cluster id="{region}/measured" prefix="node-" suffix="" radical="0-{nodes - 1}"
               router_id="switch" speed="1Gf" bw="400GBps" lat="5us"
               bb_bw="{nodes * 400}GBps" bb_lat="0us">
        <prop id="rack" value="{rack}"/>
      </cluster>
      <zone id="{region}/gateway" routing="Full">
        <router id="gateway"/>
      </zone>
      <link id="uplink" bandwidth="{nodes * 400}GBps" latency="0us" sharing_policy="SPLITDUPLEX"/>
      <zoneRoute src="{region}/measured" dst="{region}/gateway" gw_src="switch" gw_dst="gateway">
        <link_ctn id="uplink" direction="UP"/>
      </zoneRoute>
    </zone>
  </zone>
</platform>
"""


def workload(point):
    return {
        "name": "measured-point",
        "source": "One row of a table of measured serving times",
        "arrivals": {"process": "closed-loop", "users": point.users, "think_time": "0 s",
                     "requests": point.requests},
        "lengths": {"prompt_tokens": {"constant": point.prompt_tokens},
                    "output_tokens": {"constant": point.output_tokens}},
    }


def scenario(point, region, basis):
    """One replica with the point's parallelism; room in a batch for every user."""
    kv = "bf16" if point.precision == "bf16" else "fp8"
    return {
        "name": "measured point",
        "platform": {"file": "platform.xml"},
        "models": [point.model],
        "workload": {"tenants": [{"name": "users", "model": point.model,
                                  "traffic": {"description": "workload.yaml"}}]},
        "fleet": {"pools": [{
            "name": "replica",
            "at": f"{region}/measured",
            "model": point.model,
            "precision": {"weights": point.precision, "kv": kv},
            "parallel": {"tensor": point.tensor},
            "replicas": 1,
            "batching": {"tokens": max(8192, point.users), "sequences": point.users},
            "price": {"basis": basis},
        }]},
    }


def write_scenario(point, catalog, folder):
    """Writes scenario, workload and platform into the folder; the path of the scenario."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    region, basis = catalog.price(point.rack)
    rack = catalog.racks[point.rack]
    nodes = max(rack["nodes"], -(-point.tensor // rack["chips_per_node"]))
    (folder / "catalog").symlink_to(catalog.folder)
    (folder / "platform.xml").write_text(platform_xml(point.rack, region, nodes))
    (folder / "workload.yaml").write_text(yaml.safe_dump(workload(point), sort_keys=False))
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(scenario(point, region, basis), sort_keys=False))
    return path


def simulate(point, catalog, binary, home):
    """(TTFT, TPOT) in ms of the point; raises NotExpressed."""
    with tempfile.TemporaryDirectory(prefix="tokenyard-validate-") as folder:
        path = write_scenario(point, catalog, Path(folder) / "run")
        out = path.with_name("x.h5")
        environment = dict(os.environ, TOKENYARD_HOME=str(Path(home).resolve()))
        try:
            run = subprocess.run(
                [str(Path(binary).resolve()), "run", str(path), "--out", str(out), "--quiet",
                 "--force"],
                env=environment, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired as error:
            raise NotExpressed("the simulation took more than 300 s") from error
        if run.returncode != 0:
            raise NotExpressed(reason_of(run.stderr))
        return steady_means(open_result(out).requests, point.users)


def steady_means(requests, users):
    """Mean (TTFT, TPOT) in ms of what ended ok, without the first request of each user."""
    steady = requests.sort_index().iloc[users:]
    ended = steady[steady["status"] == "ok"]
    if ended.empty:
        raise NotExpressed("no request ended: the KV cache holds none of this length")
    return tuple(1e3 * ended[name].mean()
                 for name in ("time_to_first_token_s", "time_per_output_token_s"))


def reason_of(text):
    for sign, reason in REFUSALS.items():
        if sign in text:
            return reason
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[0].split(": ", 1)[-1].split(";")[0] if lines else "the simulator failed"


@dataclass
class Comparison:
    points: pd.DataFrame  # a row a point that was simulated
    refused: Counter      # reason to number of points
    measured: int


def compare(measured, catalog, binary, home):
    rows, refused = [], Counter()
    for _, row in measured.iterrows():
        try:
            rows.append((row, point_of(row)))
        except NotExpressed as reason:
            refused[str(reason)] += 1

    def answer(point):
        try:
            return simulate(point, catalog, binary, home)
        except (NotExpressed, ResultError) as reason:
            return str(reason)

    different = list(dict.fromkeys(point for _, point in rows))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        answers = dict(zip(different, threads.map(answer, different)))
    ratios = []
    for row, point in rows:
        found = answers[point]
        if isinstance(found, str):
            refused[found] += 1
            continue
        ratios.append({"system": row["system"], "model": point.model,
                       "accelerator": catalog.racks[point.rack]["accelerator"],
                       "precision": point.precision,
                       "ttft": found[0] / row["silicon_ttft_ms"] - 1,
                       "tpot": found[1] / row["silicon_tpot_ms"] - 1})
    columns = ["system", "model", "accelerator", "precision", "ttft", "tpot"]
    points = pd.DataFrame(ratios, columns=columns).astype({"ttft": float, "tpot": float})
    # One output token has no gap: such a point says nothing of TPOT.
    return Comparison(points.replace([np.inf, -np.inf], np.nan), refused, len(measured))


def errors(points, by):
    """Of |predicted/measured - 1| the median and p90, and the signed median."""
    signed = points.groupby(by, sort=True)
    absolute = points.assign(tpot=points["tpot"].abs(), ttft=points["ttft"].abs()).groupby(by)
    table = pd.DataFrame({"points": signed.size()})
    for name in ("tpot", "ttft"):
        table[f"{name}_median"] = absolute[name].median()
        table[f"{name}_p90"] = absolute[name].quantile(0.9)
        table[f"{name}_signed"] = signed[name].median()
    return table.reset_index()


def report(comparison):
    """The text that is printed."""
    columns = ["system", "model", "precision"]
    lines = [f"{'':38}{'':>7}  {'TPOT error':>23}  {'TTFT error':>23}",
             f"{'system':10}{'model':19}{'format':9}{'points':>7}"
             + 2 * f"  {'median':>7} {'p90':>7} {'signed':>7}"]
    if len(comparison.points):
        rows = errors(comparison.points, columns).to_dict("records")
        total = errors(comparison.points.assign(system="all", model="", precision=""), columns)
        for row in rows + total.to_dict("records"):
            lines.append(
                f"{row['system']:10}{row['model']:19}{row['precision']:9}{row['points']:>7}"
                + "".join(f"  {row[n + '_median']:7.1%} {row[n + '_p90']:7.1%} "
                          f"{row[n + '_signed']:+7.1%}" for n in ("tpot", "ttft")))
    lines += ["", f"{len(comparison.points)} of {comparison.measured} measured points; an error is "
                  "|predicted / measured - 1|, 'signed' its median with the sign.", NOTE]
    if comparison.refused:
        lines.append(f"not expressed: {sum(comparison.refused.values())} points")
        lines += [f"{count:7}  {reason}" for reason, count in comparison.refused.most_common()]
    return "\n".join(lines)


def validation_yaml(comparison, measured_path, version):
    """The catalogue's list of errors, by model, accelerator and precision."""
    digest = hashlib.sha256(Path(measured_path).read_bytes()).hexdigest()
    lines = [
        "# How far the roofline is from measured serving times: medians of",
        "# |predicted / measured - 1|.",
        f"# Made by 'tokenyard validate' with {version} from {Path(measured_path).name}",
        f"# (sha256 {digest}): {len(comparison.points)} of its",
        f"# {comparison.measured} points. Each is one replica under a closed loop of as many users",
        "# as the measured concurrency, constant lengths, without the first request of each user.",
        "# The efficiency factors are the defaults, not fitted to these points.",
        "validation:" if len(comparison.points) else "validation: []",
    ]
    table = errors(comparison.points, ["model", "accelerator", "precision"])
    for row in table.dropna(subset=["tpot_median", "ttft_median"]).to_dict("records"):
        lines.append(f"  - {{model: {row['model']}, accelerator: {row['accelerator']}, "
                     f"precision: {row['precision']}, points: {row['points']},\n"
                     f"     tpot_error: {100 * row['tpot_median']:.1f} %, "
                     f"ttft_error: {100 * row['ttft_median']:.1f} %}}")
    return "\n".join(lines) + "\n"


def version_of(binary):
    if not os.access(binary, os.X_OK) or not Path(binary).is_file():
        raise ValidationError(f"{binary}: not a program; give the tokenyard binary")
    run = subprocess.run([str(Path(binary).resolve()), "--version"], capture_output=True, text=True)
    text = (run.stdout.strip().splitlines() or ["unknown"])[0]
    return text if "tokenyard" in text else f"tokenyard {text}"


def validate(measured_path, binary, home, out=None):
    """Prints the comparison; writes the YAML if `out` is given."""
    version = version_of(binary)
    measured = read_measured(measured_path)
    comparison = compare(measured, Catalog(home), binary, home)
    print(report(comparison))
    if out is not None:
        Path(out).write_text(validation_yaml(comparison, measured_path, version))
