// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place that knows which SimGrid this is. What the project calls exists unchanged from
// 3.32 (Debian 12) to 4.0; a call that differs gets a function of ours here, with both ways.
// Clusters are read from the file and looked up by name because of it: later versions put a zone
// of their own above the file's.
#include <xbt/log.h>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/s4u/Comm.hpp>
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/s4u/Link.hpp>

// Last: 3.32's does not include what it needs.
#include <simgrid/version.h>

static_assert(SIMGRID_VERSION >= 33200, "SimGrid 3.32 or later is needed");
