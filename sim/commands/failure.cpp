// SPDX-License-Identifier: Apache-2.0
#include "commands/failure.hpp"

#include <new>

#include "config/errors.hpp"
#include "results/target.hpp"

namespace tokenyard::commands {

Failure failure_at_hand() {
  try {
    throw;
  } catch (const config::ConfigError& error) {
    return {2, error.what()};
  } catch (const results::IoError& error) {
    return {1, error.what()};
  } catch (const std::bad_alloc&) {
    return {1, "out of memory; a smaller scenario, or results: {requests: none}, needs less"};
  } catch (const std::exception& error) {
    return {1, std::string("internal error: ") + error.what() +
                   "; please report it with the command and its files"};
  }
}

}  // namespace tokenyard::commands
