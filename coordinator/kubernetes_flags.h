// The coordinator's flags about pods' service-account tokens, and what they default to in a pod of
// its own.
//
// Threads: main's.
#ifndef HOMEPORT_COORDINATOR_KUBERNETES_FLAGS_H_
#define HOMEPORT_COORDINATOR_KUBERNETES_FLAGS_H_

#include <string>

#include "absl/status/status.h"
#include "base/flags.h"
#include "coordinator/identity/kubernetes_source.h"

namespace homeport {

class KubernetesFlags {
 public:
  // Adds the flags; this outlives the parsing.
  void AddTo(Flags& flags);
  // What was parsed. INVALID_ARGUMENT names the flag that is missing or wrong.
  absl::Status Complete(KubernetesOptions& options) const;

 private:
  std::string tokens_ = "off";
  KubernetesOptions options_;
};

}  // namespace homeport

#endif  // HOMEPORT_COORDINATOR_KUBERNETES_FLAGS_H_
