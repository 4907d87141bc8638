#include "agent/sftp/attributes.h"

namespace homeport::agent::sftp {
namespace {

enum Flag : uint32_t {
  kSize = 0x1,
  kOwner = 0x2,
  kPermissions = 0x4,
  kTimes = 0x8,
  kExtendedAttributes = 0x80000000,
};

}  // namespace

Attributes ReadAttributes(WireReader& reader) {
  Attributes attributes;
  const uint32_t flags = reader.Uint32();
  if ((flags & kSize) != 0) attributes.size_bytes = reader.Uint64();
  if ((flags & kOwner) != 0) {
    Attributes::Owner owner;
    owner.user_id = reader.Uint32();
    owner.group_id = reader.Uint32();
    attributes.owner = owner;
  }
  if ((flags & kPermissions) != 0) attributes.mode = reader.Uint32();
  if ((flags & kTimes) != 0) {
    Attributes::Times times;
    times.access = reader.Uint32();
    times.modification = reader.Uint32();
    attributes.times = times;
  }
  if ((flags & kExtendedAttributes) != 0) {
    // A count that is too large ends with the bytes.
    for (uint32_t left = reader.Uint32(); left > 0 && reader.ok(); --left) {
      reader.String();
      reader.String();
    }
  }
  return attributes;
}

void WriteAttributes(const Attributes& attributes, WireWriter& writer) {
  uint32_t flags = 0;
  if (attributes.size_bytes.has_value()) flags |= kSize;
  if (attributes.owner.has_value()) flags |= kOwner;
  if (attributes.mode.has_value()) flags |= kPermissions;
  if (attributes.times.has_value()) flags |= kTimes;
  writer.Uint32(flags);
  if (attributes.size_bytes.has_value()) writer.Uint64(*attributes.size_bytes);
  if (attributes.owner.has_value()) {
    writer.Uint32(attributes.owner->user_id).Uint32(attributes.owner->group_id);
  }
  if (attributes.mode.has_value()) writer.Uint32(*attributes.mode);
  if (attributes.times.has_value()) {
    writer.Uint32(attributes.times->access).Uint32(attributes.times->modification);
  }
}

Attributes AttributesOf(const struct stat& file) {
  Attributes attributes;
  attributes.size_bytes = static_cast<uint64_t>(file.st_size);
  attributes.owner = Attributes::Owner{file.st_uid, file.st_gid};
  attributes.mode = file.st_mode;
  attributes.times =
      Attributes::Times{static_cast<uint32_t>(file.st_atime), static_cast<uint32_t>(file.st_mtime)};
  return attributes;
}

}  // namespace homeport::agent::sftp
