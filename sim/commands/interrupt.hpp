// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tokenyard::commands {

// While it lives, Ctrl-C is noted instead of ending the program, so that no partial file is left.
class StopOnInterrupt final {
 public:
  StopOnInterrupt();
  ~StopOnInterrupt();
  StopOnInterrupt(const StopOnInterrupt&) = delete;
  StopOnInterrupt& operator=(const StopOnInterrupt&) = delete;

  bool came() const;
  // Throws results::IoError once it has come.
  void check() const;

 private:
  void (*before_)(int);
};

}  // namespace tokenyard::commands
