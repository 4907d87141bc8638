// OpenSSH for the workspace box: an sshd of the person who runs the test, reachable from this
// machine alone, that lets the given keys in.
//
// The program is HOMEPORT_SSHD's (dev/sshd prints a path that works without openssh-server
// installed), else /usr/sbin/sshd.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_PRIVATE_SSHD_H_
#define HOMEPORT_TESTS_INTEGRATION_PRIVATE_SSHD_H_

#include <string>
#include <utility>

#include "tests/integration/service.h"

namespace homeport::story {

class PrivateSshd {
 public:
  // Why there can be none on this machine; empty if there can.
  static std::string WhyNone();

  // Keeps its files in this folder. The lines of configuration go before its own: sshd takes the
  // first value of a keyword.
  explicit PrivateSshd(std::string folder, std::string configuration = "")
      : folder_(std::move(folder)), configuration_(std::move(configuration)) {}

  // Starts it as `service` and returns its address, once it greets.
  std::string Start(Service& service, const std::string& authorized_keys);

 private:
  void WriteFiles(const std::string& port, const std::string& authorized_keys);
  bool StartOn(const std::string& port, Service& service);

  const std::string folder_;
  const std::string configuration_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_PRIVATE_SSHD_H_
