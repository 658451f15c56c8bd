# SPDX-License-Identifier: Apache-2.0
"""Reads the result files of Tokenyard. The simulator is not needed for it, only the file."""

from .ranking import rank
from .results import Result, ResultError, open_result
from .sweep import Sweep, open_sweep

__all__ = ["Result", "ResultError", "Sweep", "open_result", "open_sweep", "rank"]
