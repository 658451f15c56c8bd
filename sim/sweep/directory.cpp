// SPDX-License-Identifier: Apache-2.0
#include "sweep/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "config/errors.hpp"

namespace tokenyard::sweep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& text) {
  throw config::ConfigError(config::Mistake{path, {}, "", text});
}

std::set<std::string> identities_in(const std::string& folder, const char* extension) {
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path& file = at->path();
    if (file.extension() == extension && is_identity(file.stem().string())) {
      found.insert(file.stem().string());
    }
  }
  return found;
}

// What writers have begun in a folder.
std::vector<fs::path> parts_in(const std::string& folder) {
  std::vector<fs::path> parts;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().find(".part-") != std::string::npos) {
      parts.push_back(at->path());
    }
  }
  return parts;
}

// A writer holds a lock on its file until it is renamed: one that nobody holds is left over, and
// `then` is done with it before another can take it.
template <class Then>
bool is_left_over(const fs::path& file, Then&& then) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return true;
  const bool is_free = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  if (is_free) then();
  ::close(descriptor);
  return is_free;
}

}  // namespace

bool is_identity(const std::string& text) {
  constexpr std::size_t digits = 64;
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string Directory::point(const std::string& identity) const {
  return points() + "/" + identity + ".h5";
}

std::string Directory::failure(const std::string& identity) const {
  return failures() + "/" + identity + ".json";
}

void Directory::create() const {
  for (const std::string& folder : {path_, points(), failures()}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) refuse(folder, "cannot be made (" + error.message() + "); choose another folder");
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
      refuse(folder, std::string("cannot be written to (") + std::strerror(errno) +
                         "); choose another folder");
    }
  }
}

void Directory::check() const {
  std::error_code error;
  if (!fs::is_directory(path_, error)) refuse(path_, "is not a folder; name that of a sweep");
  if (!fs::exists(manifest(), error)) {
    refuse(path_,
           "holds no sweep (no manifest.h5); `tokenyard sweep run STUDY --out DIR` makes one");
  }
}

std::set<std::string> Directory::done() const { return identities_in(points(), ".h5"); }

std::set<std::string> Directory::failed() const { return identities_in(failures(), ".json"); }

std::size_t Directory::running() const {
  const std::vector<fs::path> parts = parts_in(points());
  return static_cast<std::size_t>(std::count_if(
      parts.begin(), parts.end(), [](const fs::path& file) { return !is_left_over(file, [] {}); }));
}

void Directory::sweep_up() const {
  for (const std::string& folder : {path_, points(), failures()}) {
    for (const fs::path& file : parts_in(folder)) {
      is_left_over(file, [&file] { ::unlink(file.c_str()); });
    }
  }
}

}  // namespace tokenyard::sweep
