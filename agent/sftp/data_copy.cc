#include "agent/sftp/data_copy.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>

#include "agent/sftp/status_code.h"

namespace homeport::agent::sftp {
namespace {

constexpr size_t kMostAtOnce = 64 << 20;
constexpr size_t kPieceBytes = 256 << 10;
constexpr uint64_t kToTheEnd = std::numeric_limits<uint64_t>::max();

// Whether to copy would read what it has itself written.
bool Overlaps(uint64_t from, uint64_t to, uint64_t size) {
  return from < to ? to - from < size : size == kToTheEnd || from - to < size;
}

int WriteAll(FileSystem& files, const HandleTable::File& to, uint64_t offset,
             absl::string_view data) {
  while (!data.empty()) {
    const ssize_t written = files.Write(to.fd, data, to.append ? 0 : offset);
    if (written <= 0) return written < 0 ? static_cast<int>(written) : -EIO;
    offset += static_cast<uint64_t>(written);
    data.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

// One step of the copy: bytes copied, 0 at the end of the file, or a negative errno.
class Copier {
 public:
  explicit Copier(FileSystem& files) : files_(files) {}

  ssize_t Step(const DataCopy& copy, uint64_t left) {
    if (in_kernel_ && !copy.to.append) {
      const ssize_t copied =
          files_.Copy(copy.from.fd, copy.from_offset, copy.to.fd, copy.to_offset,
                      static_cast<size_t>(std::min<uint64_t>(left, kMostAtOnce)));
      if (copied > 0) return copied;
      // Not for these file systems, or an end that only reading can tell (files in /proc).
      in_kernel_ = false;
    }
    if (piece_ == nullptr) piece_.reset(new char[kPieceBytes]);
    const auto size = static_cast<size_t>(std::min<uint64_t>(left, kPieceBytes));
    const ssize_t got = files_.Read(copy.from.fd, piece_.get(), size, copy.from_offset);
    if (got <= 0) return got;
    const int result =
        WriteAll(files_, copy.to, copy.to_offset, {piece_.get(), static_cast<size_t>(got)});
    return result < 0 ? result : got;
  }

 private:
  FileSystem& files_;
  bool in_kernel_ = true;
  std::unique_ptr<char[]> piece_;
};

}  // namespace

StatusCode CopyData(FileSystem& files, DataCopy copy) {
  struct stat from = {};
  struct stat to = {};
  int result = files.Stat(FileSystem::Target::Descriptor(copy.from.fd), from);
  if (result >= 0) result = files.Stat(FileSystem::Target::Descriptor(copy.to.fd), to);
  if (result < 0) return CodeOf(result);
  uint64_t left = copy.size_bytes == 0 ? kToTheEnd : copy.size_bytes;
  if (from.st_dev == to.st_dev && from.st_ino == to.st_ino &&
      (copy.to.append || Overlaps(copy.from_offset, copy.to_offset, left))) {
    return StatusCode::kFailure;
  }
  Copier copier(files);
  while (left > 0) {
    const ssize_t copied = copier.Step(copy, left);
    if (copied < 0) return CodeOf(copied);
    if (copied == 0) return copy.size_bytes == 0 ? StatusCode::kOk : StatusCode::kEof;
    copy.from_offset += static_cast<uint64_t>(copied);
    copy.to_offset += static_cast<uint64_t>(copied);
    if (left != kToTheEnd) left -= static_cast<uint64_t>(copied);
  }
  return StatusCode::kOk;
}

}  // namespace homeport::agent::sftp
