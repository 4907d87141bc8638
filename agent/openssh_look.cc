#include "agent/openssh_look.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/ssh_wire.h"
#include "ssh/algorithms.h"

namespace homeport::agent {
OpenSshLook::OpenSshLook(EventLoop& loop, WorkerPool& pool, Options options, DoneCallback on_done)
    : loop_(loop),
      pool_(pool),
      options_(std::move(options)),
      on_done_(std::move(on_done)),
      types_(absl::StrSplit(ssh::kHostKeyTypes, ',')) {
  Connect();
}

void OpenSshLook::Connect() {
  connect_ = std::make_unique<OpenSshConnect>(loop_, pool_, options_.address, options_.patience,
                                              [this](absl::StatusOr<UniqueFd> greeted) {
                                                const auto done = std::move(connect_);
                                                OnGreeted(std::move(greeted));
                                              });
}

void OpenSshLook::OnGreeted(absl::StatusOr<UniqueFd> socket) {
  if (!socket.ok()) {
    Finish(socket.status());
    return;
  }
  HostKeyScan::Question question;
  question.user = options_.user;
  // Asked once, on the first connection.
  if (facts_.host_keys.empty()) question.owner_key = options_.owner_key;
  question.host_key_types = absl::StrJoin(types_, ",");
  absl::StatusOr<std::unique_ptr<HostKeyScan>> scan =
      HostKeyScan::Start(loop_, *std::move(socket), question,
                         [this](const absl::StatusOr<HostKeyScan::Answer>& answer) {
                           const std::unique_ptr<HostKeyScan> done = std::move(scan_);
                           OnScanned(answer);
                         });
  if (scan.ok()) {
    scan_ = *std::move(scan);
  } else {
    Finish(scan.status());
  }
}

void OpenSshLook::OnScanned(const absl::StatusOr<HostKeyScan::Answer>& answer) {
  if (!answer.ok()) {
    Finish(absl::FailedPreconditionError(
        absl::StrCat("it cannot be spoken to: ", answer.status().message())));
    return;
  }
  if (facts_.host_keys.empty()) {
    facts_.owner_key_refused = answer->owner_key_refused;
    const std::vector<std::string>& known = options_.known_host_keys;
    if (std::find(known.begin(), known.end(), answer->host_key) != known.end()) {
      facts_.host_keys = known;
      Finish(facts_);
      return;
    }
  }
  facts_.host_keys.push_back(answer->host_key);
  const size_t before = types_.size();
  ForgetTypesOf(answer->host_key);
  if (types_.empty() || types_.size() == before) {
    Finish(facts_);
  } else {
    Connect();
  }
}

void OpenSshLook::ForgetTypesOf(const std::string& host_key) {
  const absl::string_view type = WireReader(host_key).String();
  types_.erase(std::remove_if(types_.begin(), types_.end(),
                              [&](const std::string& name) {
                                return name == type ||
                                       (type == "ssh-rsa" && absl::StartsWith(name, "rsa-"));
                              }),
               types_.end());
}

void OpenSshLook::Finish(absl::StatusOr<Facts> facts) {
  // A server without a key of the types that are left says so by ending the connection.
  if (!facts.ok() && !facts_.host_keys.empty()) facts = facts_;
  // May destroy this object, and with it the function.
  const DoneCallback on_done = on_done_;
  on_done(std::move(facts));
}

}  // namespace homeport::agent
