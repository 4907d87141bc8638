#include "tests/images/image.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file.h"
#include "gtest/gtest.h"
#include "tests/integration/conversation.h"

namespace homeport::story {
namespace {

constexpr char kBusybox[] = "/bin/busybox";
constexpr char kMusl[] = "/lib/ld-musl-x86_64.so.1";

Result Run(const std::vector<std::string>& words) {
  Process::Command command;
  command.arguments = words;
  return RunToEnd(command);
}

// The shared libraries of a program, by their paths, with the one that loads them.
std::vector<std::string> Libraries(const std::string& program) {
  std::vector<std::string> libraries;
  for (const absl::string_view line : absl::StrSplit(Run({"ldd", program}).out, '\n')) {
    // "	libc.so.6 => /lib/… (0x…)", or without the name and the arrow.
    for (const absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"))) {
      if (!word.empty() && word[0] == '/') libraries.emplace_back(word);
    }
  }
  return libraries;
}

}  // namespace

Image::Image(std::string folder) : folder_(std::move(folder)) {
  EXPECT_TRUE(MakeFolder(folder_, 0755).ok());
  for (const char* path : {"/dev", "/proc", "/run/homeport", "/var/tmp/coder"}) {
    AddFolder(path);
  }
  AddFolder("/tmp", 0, 01777);
}

void Image::AddFolder(const std::string& path, uid_t owner, mode_t mode) {
  const absl::Status status = MakeFolder(Inside(path), 0755);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(chmod(Inside(path).c_str(), mode), 0) << path;
  EXPECT_EQ(chown(Inside(path).c_str(), owner, owner), 0) << path;
}

void Image::AddFile(const std::string& path, absl::string_view content, mode_t mode) {
  AddFolder(std::filesystem::path(path).parent_path());
  const absl::Status status = WriteFileAtomically(Inside(path), content, mode);
  EXPECT_TRUE(status.ok()) << status;
}

void Image::AddLink(const std::string& path, const std::string& target) {
  EXPECT_TRUE(MakeFolder(std::filesystem::path(Inside(path)).parent_path(), 0755).ok());
  EXPECT_EQ(symlink(target.c_str(), Inside(path).c_str()), 0) << path;
}

void Image::Copy(const std::string& file, const std::string& path) {
  const std::string target = Inside(path.empty() ? file : path);
  EXPECT_TRUE(MakeFolder(std::filesystem::path(target).parent_path(), 0755).ok());
  std::error_code error;
  std::filesystem::copy_file(file, target, std::filesystem::copy_options::overwrite_existing,
                             error);
  EXPECT_FALSE(error) << "cannot copy " << file << ": " << error.message();
}

void Image::CopyProgram(const std::string& file, const std::string& path) {
  Copy(file, path);
  for (const std::string& library : Libraries(file)) Copy(library);
}

void Image::AddBusybox() {
  Copy(kBusybox);
  for (const absl::string_view name :
       absl::StrSplit(Run({kBusybox, "--list"}).out, '\n', absl::SkipEmpty())) {
    if (name != "busybox") AddLink(absl::StrCat("/bin/", name), "busybox");
  }
}

std::string Image::WhyNoBusybox() {
  if (access(kBusybox, X_OK) == 0 && Libraries(kBusybox).empty()) return "";
  return "there is no static busybox; Debian's package busybox-static has it";
}

std::string Image::WhyNoMusl() {
  return access(kMusl, R_OK) == 0 ? "" : "there is no musl; Debian's package musl has it";
}

}  // namespace homeport::story
