#include "agent/child_environment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "agent/environment_file.h"

namespace homeport::agent {
namespace {

constexpr size_t kMostBytes = 256 << 10;
constexpr size_t kMostLines = 1000;  // as EnvironmentFile has them

// The file's beginning, with a NUL behind it; null without one.
char* ReadWhole(const char* path, size_t& size) {
  const int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat info = {};
  char* content = nullptr;
  if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
    void* const memory =
        mmap(nullptr, kMostBytes + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) content = static_cast<char*>(memory);
  }
  size = 0;
  while (content != nullptr && size < kMostBytes) {
    const ssize_t n = read(file, content + size, kMostBytes - size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    size += static_cast<size_t>(n);
  }
  close(file);
  return content;
}

struct FileEntry {
  char* text;
  size_t name_size;
  bool before_block;
};

// NUL-terminated in place; how many there are.
size_t ReadEntries(char* content, size_t size, std::array<FileEntry, kMostLines>& entries) {
  EnvironmentFile file({content, size});
  EnvironmentFile::Assignment assignment;
  size_t count = 0;
  std::array<size_t, kMostLines> sizes;
  while (count < entries.size() && file.Next(assignment)) {
    entries[count] = {content + (assignment.text.data() - content), assignment.name.size(),
                      assignment.before_block};
    sizes[count++] = assignment.text.size();
  }
  // Not before: the reader looks for newlines.
  for (size_t i = 0; i < count; ++i) entries[i].text[sizes[i]] = '\0';
  return count;
}

}  // namespace

ChildEnvironment::ChildEnvironment(const std::vector<std::string>& workspace,
                                   const std::string& file, const std::vector<std::string>& session)
    : workspace_(workspace),
      file_(file),
      session_(session),
      entries_(workspace.size() + session.size() + kMostLines + 1) {}

void ChildEnvironment::Set(char* entry, size_t name_size) {
  for (size_t i = 0; i < count_; ++i) {
    if (strncmp(entries_[i], entry, name_size + 1) != 0) continue;
    entries_[i] = entry;
    return;
  }
  if (count_ + 1 < entries_.size()) entries_[count_++] = entry;
}

void ChildEnvironment::SetAll(const std::vector<std::string>& entries) {
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    if (equals != std::string::npos) Set(const_cast<char*>(entry.c_str()), equals);
  }
}

char* const* ChildEnvironment::Compose() {
  size_t size = 0;
  char* const content = file_.empty() ? nullptr : ReadWhole(file_.c_str(), size);
  std::array<FileEntry, kMostLines> of_file;
  const size_t of_file_count = content == nullptr ? 0 : ReadEntries(content, size, of_file);
  for (size_t i = 0; i < of_file_count; ++i) {
    if (of_file[i].before_block) Set(of_file[i].text, of_file[i].name_size);
  }
  SetAll(workspace_);
  for (size_t i = 0; i < of_file_count; ++i) {
    if (!of_file[i].before_block) Set(of_file[i].text, of_file[i].name_size);
  }
  SetAll(session_);
  return entries_.data();
}

}  // namespace homeport::agent
