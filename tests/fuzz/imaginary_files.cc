#include "tests/fuzz/imaginary_files.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace homeport::fuzz {
namespace {

constexpr size_t kMostContent = 8 << 10;
constexpr size_t kMostNodes = 300;
constexpr uint64_t kLargestOffset = uint64_t{1} << 62;

}  // namespace

// The entries as they were at the start.
class ImaginaryFiles::Listing : public FileSystem::Folder {
 public:
  explicit Listing(std::map<std::string, std::shared_ptr<Node>> nodes)
      : nodes_(std::move(nodes)), next_(nodes_.begin()) {}

  int Next(std::string& name, struct stat& file) override {
    if (next_ == nodes_.end()) return 0;
    name = next_->first;
    file = {};
    file.st_mode = next_->second->mode;
    file.st_size = static_cast<off_t>(next_->second->content.size());
    file.st_mtime = -1;
    ++next_;
    return 1;
  }

 private:
  const std::map<std::string, std::shared_ptr<Node>> nodes_;
  std::map<std::string, std::shared_ptr<Node>>::const_iterator next_;
};

ImaginaryFiles::ImaginaryFiles() {
  Add("/", S_IFDIR | 0755, "");
  Add("/d", S_IFDIR | 0755, "");
  Add("/f", S_IFREG | 0644, "some content");
  Add("/large", S_IFREG | 0644, std::string(kMostContent, 'l'));
  Add("/l", S_IFLNK | 0777, "d");
  Add("/loop", S_IFLNK | 0777, "loop/x");
  for (char name = '!'; name <= '~'; ++name) Add(std::string("/d/") + name, S_IFREG, "");
}

ImaginaryFiles::~ImaginaryFiles() {
  if (!descriptors_.empty()) abort();
}

std::string ImaginaryFiles::Absolute(const std::string& path) const {
  return !path.empty() && path[0] == '/' ? path : "/" + path;
}

std::shared_ptr<ImaginaryFiles::Node> ImaginaryFiles::Find(const Target& target) const {
  if (target.fd >= 0) {
    const auto found = descriptors_.find(target.fd);
    if (found == descriptors_.end()) abort();  // the server uses what it has closed
    return found->second;
  }
  if (target.path.find('\0') != std::string::npos) abort();  // what the kernel would not see
  const auto found = nodes_.find(Absolute(target.path));
  return found == nodes_.end() ? nullptr : found->second;
}

int ImaginaryFiles::Add(const std::string& path, mode_t mode, const std::string& content) {
  if (Find(Target::Link(path)) != nullptr) return -EEXIST;
  if (nodes_.size() >= kMostNodes || path.size() > kMostContent) return -ENOSPC;
  auto node = std::make_shared<Node>();
  node->mode = mode;
  node->number = next_number_++;
  node->content = content;
  nodes_[Absolute(path)] = std::move(node);
  return 0;
}

int ImaginaryFiles::Open(const std::string& path, int flags, mode_t mode) {
  if (Find(Target::Path(path)) == nullptr) {
    if ((flags & O_CREAT) == 0) return -ENOENT;
    if (const int added = Add(path, S_IFREG | (mode & 07777), ""); added < 0) return added;
  } else if ((flags & O_EXCL) != 0) {
    return -EEXIST;
  }
  const auto node = Find(Target::Path(path));
  if ((flags & O_TRUNC) != 0) node->content.clear();
  const int fd = next_descriptor_++;
  descriptors_[fd] = node;
  appends_[fd] = (flags & O_APPEND) != 0;
  return fd;
}

int ImaginaryFiles::Close(int fd) {
  if (descriptors_.erase(fd) == 0) abort();
  appends_.erase(fd);
  return 0;
}

ssize_t ImaginaryFiles::Read(int fd, char* space, size_t size, uint64_t offset) {
  const auto node = Find(Target::Descriptor(fd));
  memset(space, 0, size);  // all of it has to be there
  if (offset > kLargestOffset) return -EINVAL;
  if (offset >= node->content.size()) return 0;
  const std::string part = node->content.substr(static_cast<size_t>(offset), size);
  memcpy(space, part.data(), part.size());
  return static_cast<ssize_t>(part.size());
}

ssize_t ImaginaryFiles::Write(int fd, absl::string_view data, uint64_t offset) {
  const auto node = Find(Target::Descriptor(fd));
  if (offset > kLargestOffset) return -EINVAL;
  if (appends_[fd]) offset = node->content.size();
  if (offset + data.size() > kMostContent) return -EFBIG;
  const size_t size = (data.size() + 1) / 2;  // never everything at once
  const auto begin = static_cast<size_t>(offset);
  if (node->content.size() < begin + size) node->content.resize(begin + size);
  node->content.replace(begin, size, data.data(), size);
  return static_cast<ssize_t>(size);
}

ssize_t ImaginaryFiles::Copy(int from, uint64_t from_offset, int to, uint64_t to_offset,
                             size_t size) {
  if (Find(Target::Descriptor(from))->number % 2 == 0) return -EXDEV;
  std::string space(std::min<size_t>(size, 100), '\0');
  const ssize_t got = Read(from, space.data(), space.size(), from_offset);
  if (got <= 0) return got;
  return Write(to, absl::string_view(space).substr(0, static_cast<size_t>(got)), to_offset);
}

int ImaginaryFiles::Sync(int fd) { return Find(Target::Descriptor(fd)) != nullptr ? 0 : -EBADF; }

int ImaginaryFiles::Stat(const Target& target, struct stat& file) {
  const auto node = Find(target);
  if (node == nullptr) return -ENOENT;
  file = {};
  file.st_mode = node->mode;
  file.st_ino = node->number;
  file.st_size = static_cast<off_t>(node->content.size());
  return 0;
}

int ImaginaryFiles::Statvfs(const Target& target, struct statvfs& volume) {
  volume.f_bsize = 4096;
  return Find(target) == nullptr ? -ENOENT : 0;
}

int ImaginaryFiles::Truncate(const Target& target, uint64_t size) {
  const auto node = Find(target);
  if (node == nullptr) return -ENOENT;
  if (size > kMostContent) return -EFBIG;
  node->content.resize(static_cast<size_t>(size));
  return 0;
}

int ImaginaryFiles::ChangeMode(const Target& target, mode_t mode) {
  const auto node = Find(target);
  if (node == nullptr) return -ENOENT;
  node->mode = (node->mode & S_IFMT) | mode;
  return 0;
}

int ImaginaryFiles::ChangeOwner(const Target& target, const agent::sftp::Attributes::Owner&) {
  return Find(target) == nullptr ? -ENOENT : -EPERM;
}

int ImaginaryFiles::SetTimes(const Target& target, const agent::sftp::Attributes::Times&) {
  return Find(target) == nullptr ? -ENOENT : 0;
}

int ImaginaryFiles::OpenFolder(const std::string& path, std::unique_ptr<Folder>& folder) {
  if (Find(Target::Path(path)) == nullptr) return -ENOENT;
  folder = std::make_unique<Listing>(nodes_);
  return 0;
}

int ImaginaryFiles::MakeFolder(const std::string& path, mode_t mode) {
  return Add(path, S_IFDIR | mode, "");
}

int ImaginaryFiles::RemoveFolder(const std::string& path) { return Remove(path); }

int ImaginaryFiles::Remove(const std::string& path) {
  if (Find(Target::Link(path)) == nullptr) return -ENOENT;
  return nodes_.erase(Absolute(path)) == 1 ? 0 : -ENOENT;
}

int ImaginaryFiles::Rename(const std::string& from, const std::string& to) {
  const auto node = Find(Target::Link(from));
  if (node == nullptr || to.size() > kMostContent) return -ENOENT;
  nodes_.erase(Absolute(from));
  nodes_[Absolute(to)] = node;
  return 0;
}

int ImaginaryFiles::HardLink(const std::string& from, const std::string& to) {
  const auto node = Find(Target::Link(from));
  if (node == nullptr) return -ENOENT;
  if (node->number % 2 == 0) return -EPERM;
  if (Find(Target::Link(to)) != nullptr) return -EEXIST;
  if (nodes_.size() >= kMostNodes) return -ENOSPC;
  nodes_[Absolute(to)] = node;
  return 0;
}

int ImaginaryFiles::SymbolicLink(const std::string& target, const std::string& link) {
  return Add(link, S_IFLNK | 0777, target);
}

int ImaginaryFiles::ReadLink(const std::string& path, std::string& target) {
  const auto node = Find(Target::Link(path));
  if (node == nullptr) return -ENOENT;
  if (!S_ISLNK(node->mode)) return -EINVAL;
  target = node->content.substr(0, 4096);
  return 0;
}

int ImaginaryFiles::CurrentFolder(std::string& path) {
  path = "/";
  return 0;
}

}  // namespace homeport::fuzz
