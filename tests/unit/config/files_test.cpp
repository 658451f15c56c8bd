// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "complaint.hpp"

namespace tokenyard::config {
namespace {

// A directory of its own that is gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "tokenyard-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return path_ / name; }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a file is read under the name its user gave") {
  const Scratch scratch;
  const std::string path = scratch.file("a.yaml", "seed: 7\n");
  CHECK(load_yaml(path).file == path);
  CHECK(load_yaml(path).root.members[0].value.text == "7");
  CHECK(load_json(scratch.file("a.json", "[1]")).root.items[0].text == "1");
}

TEST_CASE("a file that cannot be read says why") {
  const Scratch scratch;
  const std::string path = scratch.file("missing.yaml");
  CHECK(complaint([&] { load_yaml(path); }) ==
        path + ": cannot be read (No such file or directory); check its name");
  CHECK(complaint([&] { load_json(path); }) ==
        path + ": cannot be read (No such file or directory); check its name");
  CHECK(complaint([] { load_yaml(""); }) ==
        "cannot be read (No such file or directory); check its name");
}

TEST_CASE("directories, pipes and devices are refused without waiting for them") {
  const Scratch scratch;
  const std::string pipe = scratch.file("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(complaint([&] { load_yaml(scratch.file(".")); }) ==
        scratch.file(".") + ": is a directory; name a file in it");
  CHECK(complaint([&] { load_yaml(pipe); }) == pipe + ": is not a regular file; name one");
  CHECK(complaint([] { load_yaml("/dev/zero"); }) == "/dev/zero: is not a regular file; name one");
}

TEST_CASE("an unreadable file says so") {
  if (::geteuid() == 0) return;  // root reads everything
  const Scratch scratch;
  const std::string path = scratch.file("secret.yaml", "a: 1\n");
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  CHECK(complaint([&] { load_yaml(path); }) ==
        path + ": cannot be read (Permission denied); check its name");
}

TEST_CASE("a file may have 16 MiB and no byte more") {
  const Scratch scratch;
  std::string most = "a: 1\n";
  while (most.size() < 16 << 20) most += "#" + std::string(1 << 16, ' ') + "\n";
  most.resize(16 << 20);
  CHECK(load_yaml(scratch.file("most.yaml", most)).root.members.size() == 1);
  const std::string path = scratch.file("more.yaml", most + "\n");
  CHECK(complaint([&] { load_yaml(path); }) == path + ": is larger than 16 MiB; split it");
}

}  // namespace tokenyard::config
