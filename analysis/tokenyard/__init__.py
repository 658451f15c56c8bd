# SPDX-License-Identifier: Apache-2.0
"""Reads the result files of Tokenyard. The simulator is not needed for it, only the file."""

from .results import Result, ResultError, open_result

__all__ = ["Result", "ResultError", "open_result"]
