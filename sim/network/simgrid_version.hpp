// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place that knows which SimGrid this is. What the project calls exists unchanged from
// 3.32 (Debian 12) to 4.0; a call that differs gets a function of ours here, with both ways.
// Clusters are read from the file and looked up by name because of it: 4.0 puts a zone of its own
// above the file's, and orders the children of a zone differently.
// clang-format off: SimGrid 3.32's version.h needs a header that it does not include
#include <simgrid/version.h>
#include <xbt/base.h>
#include <xbt/log.h>
// clang-format on
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>

static_assert(SIMGRID_VERSION >= 33200, "SimGrid 3.32 or later is needed");
