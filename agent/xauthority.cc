#include "agent/xauthority.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "base/unique_fd.h"

namespace homeport::agent {
namespace {

constexpr absl::Duration kLockIsDead = absl::Minutes(1);
constexpr absl::Duration kBetweenTries = absl::Milliseconds(20);
constexpr size_t kLongestString = 0xffff;

class Cursor {
 public:
  explicit Cursor(absl::string_view rest) : rest_(rest) {}

  uint16_t Number() {
    const absl::string_view bytes = Raw(2);
    if (!ok_) return 0;
    return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8 |
                                 static_cast<uint8_t>(bytes[1]));
  }
  std::string String() { return std::string(Raw(Number())); }
  bool ok() const { return ok_; }
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view Raw(size_t size) {
    if (!ok_ || rest_.size() < size) {
      ok_ = false;
      return "";
    }
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  absl::string_view rest_;
  bool ok_ = true;
};

void AppendNumber(std::string& bytes, size_t number) {
  bytes.push_back(static_cast<char>(number >> 8));
  bytes.push_back(static_cast<char>(number & 0xff));
}

// The lock of libXau: FILE-c is made and linked to FILE-l, which fails if FILE-l is there.
class XauthorityLock {
 public:
  explicit XauthorityLock(const std::string& path) : create_(path + "-c"), link_(path + "-l") {}
  ~XauthorityLock() {
    if (!held_) return;
    unlink(create_.c_str());
    unlink(link_.c_str());
  }
  XauthorityLock(const XauthorityLock&) = delete;
  XauthorityLock& operator=(const XauthorityLock&) = delete;

  absl::Status Take(absl::Duration patience) {
    BreakIfDead();
    const absl::Time end = absl::Now() + patience;
    while (true) {
      absl::StatusOr<bool> taken = Try();
      if (!taken.ok()) return taken.status();
      held_ = *taken;
      if (held_) return absl::OkStatus();
      if (absl::Now() >= end) {
        return absl::DeadlineExceededError(
            absl::StrCat("somebody holds the lock ", link_, "; remove it if nobody does"));
      }
      absl::SleepFor(kBetweenTries);
    }
  }

 private:
  void BreakIfDead() {
    struct stat there = {};
    if (stat(create_.c_str(), &there) != 0 && stat(link_.c_str(), &there) != 0) return;
    if (absl::Now() - absl::FromTimeT(there.st_ctime) < kLockIsDead) return;
    unlink(create_.c_str());
    unlink(link_.c_str());
  }

  absl::StatusOr<bool> Try() {
    const UniqueFd created(
        open(create_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!created.valid()) {
      if (errno == EEXIST) return false;
      return ErrnoStatus(errno, absl::StrCat("cannot make the lock ", create_));
    }
    if (link(create_.c_str(), link_.c_str()) == 0) return true;
    const int error = errno;
    // Where there are no links, as libXau does it.
    if (error != EEXIST && rename(create_.c_str(), link_.c_str()) == 0) return true;
    unlink(create_.c_str());
    if (error == EEXIST) return false;
    return ErrnoStatus(error, absl::StrCat("cannot make the lock ", link_));
  }

  const std::string create_;
  const std::string link_;
  bool held_ = false;
};

}  // namespace

std::optional<XauthorityEntry> TakeXauthorityEntry(absl::string_view& bytes) {
  Cursor cursor(bytes);
  XauthorityEntry entry;
  entry.family = cursor.Number();
  entry.address = cursor.String();
  entry.display = cursor.String();
  entry.protocol = cursor.String();
  entry.secret = cursor.String();
  if (!cursor.ok()) return std::nullopt;
  bytes = cursor.rest();
  return entry;
}

absl::StatusOr<std::string> WithXauthorityEntry(absl::string_view content,
                                                const XauthorityEntry& entry) {
  std::string made;
  AppendNumber(made, entry.family);
  for (const std::string* text : {&entry.address, &entry.display, &entry.protocol, &entry.secret}) {
    if (text->size() > kLongestString) {
      return absl::InvalidArgumentError("an entry of Xauthority takes strings of 65535 bytes");
    }
    AppendNumber(made, text->size());
    made.append(*text);
  }
  while (true) {
    const absl::string_view before = content;
    const std::optional<XauthorityEntry> other = TakeXauthorityEntry(content);
    if (!other.has_value()) break;
    const bool same = other->family == entry.family && other->address == entry.address &&
                      other->display == entry.display && other->protocol == entry.protocol;
    if (!same) made.append(before.data(), before.size() - content.size());
  }
  made.append(content.data(), content.size());
  return made;
}

absl::Status AddToXauthorityFile(const std::string& path, const XauthorityEntry& entry,
                                 absl::Duration patience) {
  XauthorityLock lock(path);
  if (absl::Status status = lock.Take(patience); !status.ok()) return status;
  absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok() && !absl::IsNotFound(content.status())) return content.status();
  absl::StatusOr<std::string> changed = WithXauthorityEntry(content.value_or(""), entry);
  if (!changed.ok()) return changed.status();
  return WriteFileAtomically(path, *changed, 0600);
}

}  // namespace homeport::agent
