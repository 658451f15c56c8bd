// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/errors.hpp"
#include "core/quantity.hpp"
#include "network/layout.hpp"
#include "network/platform_file.hpp"

namespace tokenyard::network {

// The regions, clusters and nodes of a platform file, and the routes between them, by SimGrid.
class Platform {
 public:
  // Once a process: SimGrid aborts on a second platform, so this one stays until the process ends.
  // Throws ConfigError, with all mistakes that show before SimGrid reads the file, or with its.
  static Platform load(const std::string& path);
  static Platform load(PlatformFile source);  // as it is in memory

  // Two nodes joined by one link, which both directions share. Once a process, as load.
  static Platform link(Duration latency, BytesPerSecond bandwidth);

  // Notes what load would throw, and leaves no platform behind: for any number of files, before
  // a load. SimGrid reads the file in a forked child.
  static void check(const std::string& path, config::Mistakes& mistakes);
  static void check(PlatformFile source, config::Mistakes& mistakes);

  Platform(Platform&&) noexcept;
  Platform& operator=(Platform&&) noexcept;
  ~Platform();

  const std::string& file() const { return file_; }  // as the user named it
  const std::string& sha256() const { return sha256_; }

  const std::vector<Cluster>& clusters() const { return layout_.clusters; }  // in file order
  const Cluster* cluster(std::string_view name) const;                       // or nullptr
  const Cluster& cluster_of(NodeIndex node) const;
  const std::vector<std::string>& nodes() const { return layout_.nodes; }  // names, by NodeIndex

  // The latency of SimGrid's route, as the file gives it; zero from a node to itself.
  Duration latency(NodeIndex from, NodeIndex to) const;

  // Of the narrowest link of that route; infinite from a node to itself.
  BytesPerSecond bandwidth(NodeIndex from, NodeIndex to) const;

 private:
  struct Checked;
  struct Routes;

  static Checked checked(PlatformFile source);

  Platform(std::string file, std::string sha256, Layout layout, std::unique_ptr<Routes> routes);

  std::string file_;
  std::string sha256_;
  Layout layout_;
  std::unique_ptr<Routes> routes_;
};

}  // namespace tokenyard::network
