// The root file system of an image, assembled in a folder from files of this machine: no mirror, no
// registry and no container runtime is needed.
//
// Threads: the test's main thread. What cannot be made fails the test.
#ifndef HOMEPORT_TESTS_IMAGES_IMAGE_H_
#define HOMEPORT_TESTS_IMAGES_IMAGE_H_

#include <sys/types.h>

#include <string>

#include "absl/strings/string_view.h"

namespace homeport::story {

class Image {
 public:
  // Starts with nothing but the folders that a container runtime mounts something on.
  explicit Image(std::string folder);

  // Paths are the image's own.
  void AddFolder(const std::string& path, uid_t owner = 0, mode_t mode = 0755);
  void AddFile(const std::string& path, absl::string_view content, mode_t mode = 0644);
  void AddLink(const std::string& path, const std::string& target);
  // A file of this machine, under the same path or under another.
  void Copy(const std::string& file, const std::string& path = "");
  // A program of this machine with the shared libraries that it needs.
  void CopyProgram(const std::string& file, const std::string& path = "");
  // Busybox in /bin, under the name of everything that it can be.
  void AddBusybox();

  // Why there can be no Busybox, or no musl, on this machine; empty if there can.
  static std::string WhyNoBusybox();
  static std::string WhyNoMusl();

  const std::string& folder() const { return folder_; }

 private:
  std::string Inside(const std::string& path) const { return folder_ + path; }

  const std::string folder_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_IMAGES_IMAGE_H_
