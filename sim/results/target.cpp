// SPDX-License-Identifier: Apache-2.0
#include "results/target.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "config/errors.hpp"

namespace tokenyard::results {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse_path(const std::string& path, const std::string& text) {
  throw config::ConfigError(config::Mistake{path, {}, "", text});
}

constexpr const char* exists = "file exists; add --force to replace it, or choose another name";

fs::path folder_of(const std::string& file) {
  const fs::path folder = fs::path(file).parent_path();
  return folder.empty() ? "." : folder;
}

// Renames without replacing where the file system can: 0, or the errno.
int rename_new(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::access(to.c_str(), F_OK) == 0) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

// A lock says that somebody still writes the file, where the file system has locks: whoever clears
// up takes it before removing the file. False if that happened just now.
bool is_held(int descriptor) {
  if (::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  struct stat status {};
  return ::fstat(descriptor, &status) != 0 || status.st_nlink > 0;
}

bool is_disk_trouble(int error) {
  return error == ENOSPC || error == EDQUOT || error == EIO || error == EFBIG;
}

}  // namespace

Target::Target(const std::string& path, Existing existing)
    : path_(path), final_(path), existing_(existing) {
  std::error_code ignored;
  if (fs::is_symlink(path, ignored)) {
    const fs::path real = fs::canonical(path, ignored);
    if (ignored) refuse_path(path, "is a symbolic link that leads nowhere; remove it");
    final_ = real.string();
  }
  check_path();
  disk_ = std::make_unique<Disk>(create());
}

Target::~Target() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void Target::check_path() const {
  if (path_.empty() || path_.find('\0') != std::string::npos)
    refuse_path(path_, "not a file name; give the results a name such as results.h5");
  std::error_code error;
  const fs::path folder = folder_of(final_);
  if (!fs::exists(folder, error))
    refuse_path(path_, "folder " + folder.string() + " does not exist" +
                           (error ? " (" + error.message() + ")" : "") +
                           "; create it, or choose another");
  if (!fs::is_directory(folder, error))
    refuse_path(path_, folder.string() + " is not a folder; choose another");
  const fs::file_status status = fs::status(final_, error);
  if (fs::is_directory(status)) refuse_path(path_, "is a folder; give the name of a file");
  if (fs::exists(status) && !fs::is_regular_file(status))
    refuse_path(path_, "is not a plain file; choose another name");
  if (fs::exists(status) && existing_ == Existing::refuse) refuse_path(path_, exists);
}

// A file left by a killed process may carry the same number: then a second one is tried.
int Target::create() {
  for (int attempt = 1;; ++attempt) {
    std::string candidate = final_ + ".part-" + std::to_string(::getpid());
    if (attempt > 1) candidate += "-" + std::to_string(attempt);
    const int descriptor =
        ::open(candidate.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor >= 0 && !is_held(descriptor)) {
      ::close(descriptor);
      continue;
    }
    if (descriptor >= 0) {
      temporary_ = candidate;
      return descriptor;
    }
    if (errno == EEXIST && attempt < 1000) continue;
    if (is_disk_trouble(errno)) fail(errno);
    refuse_path(path_, "cannot create a file in " + folder_of(final_).string() + " (" +
                           std::strerror(errno) + "); choose another folder");
  }
}

void Target::fail(int error) const {
  const std::string advice = is_disk_trouble(error) && error != EIO
                                 ? "; free some space, or choose another folder"
                                 : "; check the disk, or choose another folder";
  throw IoError(path_ + ": cannot write (" + std::strerror(error) + ")" + advice);
}

void Target::check_disk() const {
  if (disk_->failure() != 0) fail(disk_->failure());
}

void Target::publish() {
  disk_->sync();
  check_disk();
  if (existing_ == Existing::refuse) {
    const int error = rename_new(temporary_, final_);
    if (error == EEXIST) refuse_path(path_, exists);
    if (error != 0) fail(error);
  } else if (::rename(temporary_.c_str(), final_.c_str()) != 0) {
    fail(errno);
  }
  temporary_.clear();
  sync_folder();
}

// Some file systems cannot (EINVAL): their renames are as safe as they get.
void Target::sync_folder() const {
  const int folder = ::open(folder_of(final_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  const int error = ::fsync(folder) == 0 ? 0 : errno;
  ::close(folder);
  if (error == EIO || error == ENOSPC) fail(error);
}

void write_text(const std::string& path, const std::string& text) {
  Target target(path, Existing::replace);
  target.disk().write(0, text.data(), text.size());
  target.publish();
}

}  // namespace tokenyard::results
