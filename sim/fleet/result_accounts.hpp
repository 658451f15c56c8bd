// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fleet/account.hpp"
#include "fleet/accounting.hpp"
#include "results/file.hpp"

namespace tokenyard::fleet {

// The columns of accounts, beside what their group has already; not their tokens, which are there.
void write_accounts(results::Writer& writer, const std::string& group,
                    const std::vector<Account>& accounts);

// What no tenant used, in /summary.
void write_unassigned(results::Writer& writer, const Account& unassigned);

// On which basis each pool's cost stands, in /pools.
void write_bases(results::Writer& writer, const Scenario& scenario);

// /regions, /providers and /models.
void write_groups(results::Writer& writer, const Accounts& accounts);

}  // namespace tokenyard::fleet
