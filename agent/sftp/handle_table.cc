#include "agent/sftp/handle_table.h"

#include <cerrno>
#include <utility>

#include "base/ssh_wire.h"

namespace homeport::agent::sftp {

HandleTable::~HandleTable() {
  for (const Entry& entry : entries_) {
    if (entry.file.fd >= 0) files_.Close(entry.file.fd);
  }
}

std::string HandleTable::AddFile(int fd, bool append) {
  const uint32_t place = FreePlace();
  entries_[place].file = {fd, append};
  return HandleOf(place);
}

std::string HandleTable::AddFolder(std::unique_ptr<FileSystem::Folder> folder) {
  const uint32_t place = FreePlace();
  entries_[place].folder = std::move(folder);
  return HandleOf(place);
}

std::optional<HandleTable::File> HandleTable::FindFile(absl::string_view handle) const {
  const std::optional<uint32_t> place = PlaceOf(handle);
  if (!place.has_value() || entries_[*place].file.fd < 0) return std::nullopt;
  return entries_[*place].file;
}

FileSystem::Folder* HandleTable::FindFolder(absl::string_view handle) const {
  const std::optional<uint32_t> place = PlaceOf(handle);
  return place.has_value() ? entries_[*place].folder.get() : nullptr;
}

int HandleTable::Close(absl::string_view handle) {
  const std::optional<uint32_t> place = PlaceOf(handle);
  if (!place.has_value()) return -ENOENT;
  Entry& entry = entries_[*place];
  const int fd = std::exchange(entry.file.fd, -1);
  entry.folder.reset();
  ++entry.generation;
  --used_;
  free_places_.push_back(*place);
  return fd >= 0 ? files_.Close(fd) : 0;
}

uint32_t HandleTable::FreePlace() {
  ++used_;
  if (free_places_.empty()) {
    entries_.emplace_back();
    return static_cast<uint32_t>(entries_.size() - 1);
  }
  const uint32_t place = free_places_.back();
  free_places_.pop_back();
  return place;
}

std::string HandleTable::HandleOf(uint32_t place) const {
  return WireWriter().Uint32(place).Uint32(entries_[place].generation).bytes();
}

std::optional<uint32_t> HandleTable::PlaceOf(absl::string_view handle) const {
  WireReader reader(handle);
  const uint32_t place = reader.Uint32();
  const uint32_t generation = reader.Uint32();
  if (!reader.AtEnd() || place >= entries_.size() || !entries_[place].used() ||
      entries_[place].generation != generation) {
    return std::nullopt;
  }
  return place;
}

}  // namespace homeport::agent::sftp
