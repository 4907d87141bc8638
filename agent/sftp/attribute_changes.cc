#include "agent/sftp/attribute_changes.h"

#include "agent/sftp/status_code.h"

namespace homeport::agent::sftp {
namespace {

constexpr mode_t kPermissionBits = 07777;

}  // namespace

StatusCode ApplyAttributes(FileSystem& files, const FileSystem::Target& target,
                           const Attributes& attributes) {
  int worst = 0;
  const auto note = [&worst](int result) {
    if (result < 0) worst = result;
  };
  if (attributes.size_bytes.has_value()) note(files.Truncate(target, *attributes.size_bytes));
  if (attributes.mode.has_value()) {
    note(files.ChangeMode(target, *attributes.mode & kPermissionBits));
  }
  if (attributes.times.has_value()) note(files.SetTimes(target, *attributes.times));
  if (attributes.owner.has_value()) note(files.ChangeOwner(target, *attributes.owner));
  return CodeOf(worst);
}

}  // namespace homeport::agent::sftp
