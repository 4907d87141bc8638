#include "cli/laptop_doctor.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "base/file.h"
#include "cli/openssh/connection.h"
#include "cli/openssh/key_folder.h"
#include "cli/openssh/user_config.h"
#include "cli/resource_name.h"
#include "cli/resource_text.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509.h"

namespace homeport {
namespace {

using doctor::Finding;
using doctor::Ok;
using Findings = std::vector<Finding>;

Finding Missing(std::string name, std::string what, std::string why, std::string fix) {
  return {std::move(name), Finding::State::kMissing, std::move(what), std::move(why),
          std::move(fix)};
}

std::string Text(const absl::Status& status) { return std::string(status.message()); }

bool InPath(const std::string& program) {
  const char* path = getenv("PATH");  // NOLINT: before any thread of ours
  for (absl::string_view folder : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (access(absl::StrCat(folder, "/", program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// The CA, and this machine's clock against its life.
void CheckCa(const Invocation& invocation, Findings& findings) {
  const absl::StatusOr<std::string> file = invocation.CaFile();
  if (!file.ok()) {
    findings.push_back(Missing("ca", "no CA is pinned",
                               "nothing says which coordinator can be trusted",
                               Text(file.status())));
    return;
  }
  const absl::StatusOr<std::string> pem = ReadFile(*file);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      pem.ok() ? BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())) : nullptr, &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      bio == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
      &X509_free);
  ERR_clear_error();
  if (certificate == nullptr) {
    findings.push_back(Missing("ca", absl::StrCat(*file, " is no certificate that can be read"),
                               "nothing says which coordinator can be trusted",
                               "get ca.pem from whoever runs the coordinator, and run homeport "
                               "login --ca-file"));
    return;
  }
  findings.push_back(Ok("ca", *file));
  const bool early = X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0;
  const bool late = X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0;
  if (!early && !late) {
    findings.push_back(Ok("clock", "within the life of the CA"));
    return;
  }
  findings.push_back(Missing(
      "clock",
      early ? "this machine's time is before the CA was made" : "the CA has expired, by this clock",
      "TLS refuses the coordinator",
      "set the clock; if it is right, ask whoever runs the coordinator for the new ca.pem"));
}

// Who one is for the coordinator; nothing if it cannot be asked.
bool CheckCoordinator(Invocation& invocation, Findings& findings) {
  const absl::StatusOr<std::string> address = invocation.CoordinatorAddress();
  if (!address.ok()) {
    findings.push_back(Missing("coordinator", "nobody has said where it is",
                               "homeport can do nothing without it", Text(address.status())));
    return false;
  }
  const absl::StatusOr<v1::Caller> caller = invocation.Caller();
  const absl::Status& status = caller.status();
  if (status.ok()) {
    findings.push_back(Ok("coordinator", absl::StrCat(*address, " answers")));
    const v1::Token& token = caller->token();
    findings.push_back(
        Ok("token", absl::StrCat("you are ", LastPart(caller->user().name()),
                                 token.has_expire_time()
                                     ? absl::StrCat(", until ", TimeText(token.expire_time()))
                                     : "")));
    return true;
  }
  if (absl::IsUnauthenticated(status) || absl::IsInvalidArgument(status)) {
    findings.push_back(Missing("token", Text(status), "the coordinator does not know who you are",
                               "homeport login"));
    return false;
  }
  findings.push_back(Missing("coordinator", Text(status), "nothing can be asked of it",
                             "look at the address, the network, and whether it runs"));
  return false;
}

// What answers at the front door, as `algorithm base64`. The address was checked: no shell reads it
// otherwise.
std::vector<std::string> ScanKeys(const HostPort& address) {
  std::vector<std::string> keys;
  FILE* pipe = popen(
      absl::StrCat("ssh-keyscan -T 5 -p ", address.port, " -- '", address.host, "' 2>/dev/null")
          .c_str(),
      "r");
  if (pipe == nullptr) return keys;
  std::string output;
  char buffer[4096];
  size_t n = 0;
  while ((n = fread(buffer, 1, sizeof(buffer), pipe)) > 0 && output.size() < 65536) {
    output.append(buffer, n);
  }
  pclose(pipe);
  for (absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
    if (parts.size() == 3 && parts[0] != "#") {
      keys.push_back(absl::StrCat(parts[1], " ", parts[2]));
    }
  }
  return keys;
}

void CheckFrontDoor(const v1::FrontDoor& front_door, const HostPort& address, Findings& findings) {
  const std::string where = FormatHostPort(address);
  const std::vector<std::string> shown = ScanKeys(address);
  if (shown.empty()) {
    findings.push_back(
        Missing("front door", absl::StrCat(where, " does not answer as an SSH server"),
                "ssh cannot get to any workspace",
                "look at the network and its firewalls; ssh -v shows where it ends"));
    return;
  }
  const auto& pinned = front_door.host_public_keys();
  const bool known = std::all_of(shown.begin(), shown.end(), [&pinned](const std::string& key) {
    return std::find(pinned.begin(), pinned.end(), key) != pinned.end();
  });
  if (known) {
    findings.push_back(Ok("front door", absl::StrCat(where, " shows the host key that is pinned")));
    return;
  }
  findings.push_back(Missing("front door", absl::StrCat(where, " shows another host key"),
                             "somebody stands between you and Homeport, or it is another server",
                             "do not connect; tell whoever runs Homeport"));
}

// Whether ~/.ssh has what config-ssh would write, with whatever options it had.
void CheckSshConfig(Invocation& invocation, const v1::FrontDoor& front_door,
                    const HostPort& address, Findings& findings) {
  const absl::StatusOr<std::string> home = HomeFolder();
  const absl::StatusOr<v1::Caller> caller = invocation.Caller();
  const absl::StatusOr<PlacesApi*> places = invocation.Places();
  if (!home.ok() || !caller.ok() || !places.ok()) return;
  const KeyFolder folder(*home + "/.ssh/homeport");
  const absl::StatusOr<std::string> user_config = ReadFile(*home + "/.ssh/config");
  const absl::StatusOr<std::string> entries = ReadFile(folder.config());
  const auto note = [&findings](std::string what) {
    findings.push_back({"ssh config", Finding::State::kNote, std::move(what),
                        "ssh and editors do not know your workspaces as they are now",
                        "homeport config-ssh"});
  };
  if (!entries.ok() || !user_config.ok()) return note("config-ssh was not run here");
  const absl::StatusOr<std::string> without = WithoutHomeportBlock(*user_config);
  if (!without.ok()) return note(Text(without.status()));
  if (*without == *user_config) return note("~/.ssh/config does not include Homeport's entries");
  const absl::StatusOr<std::string> known_hosts = KnownHostsFile(front_door, address);
  const absl::StatusOr<std::string> pinned = ReadFile(folder.known_hosts());
  if (known_hosts.ok() && (!pinned.ok() || *pinned != *known_hosts)) {
    return note("the front door's address or host keys are others now");
  }
  if (access(folder.identity().c_str(), F_OK) == 0 &&
      !folder.HasIdentity(caller->user().public_key())) {
    return note("your assigned key is another now");
  }
  const auto workspaces = (*places)->ListWorkspaces(caller->user().name());
  if (!workspaces.ok()) return;
  for (const v1::Workspace& workspace : *workspaces) {
    if (!absl::StrContains(*entries, absl::StrCat("\nHost ", LastPart(workspace.name()), "."))) {
      return note(absl::StrCat("the workspace ", LastPart(workspace.name()), " is not in it"));
    }
  }
  findings.push_back(Ok("ssh config", "current"));
}

}  // namespace

Findings ExamineLaptop(Invocation& invocation) {
  Findings findings;
  if (InPath("ssh")) {
    findings.push_back(Ok("ssh", "in your PATH"));
  } else {
    findings.push_back(Missing("ssh", "there is no ssh in your PATH",
                               "homeport starts your own ssh", "install the OpenSSH client"));
  }
  CheckCa(invocation, findings);
  if (!CheckCoordinator(invocation, findings)) return findings;
  const absl::StatusOr<InstallationApi*> installation = invocation.Installation();
  if (!installation.ok()) return findings;
  const absl::StatusOr<v1::FrontDoor> front_door = (*installation)->GetFrontDoor();
  const absl::StatusOr<HostPort> address =
      front_door.ok() ? FrontDoorAddress(*front_door, "") : front_door.status();
  if (!address.ok()) {
    findings.push_back(
        Missing("front door", Text(address.status()), "ssh does not know where to go",
                "the operator starts the coordinator with the front door's address"));
    return findings;
  }
  CheckFrontDoor(*front_door, *address, findings);
  CheckSshConfig(invocation, *front_door, *address, findings);
  return findings;
}

}  // namespace homeport
