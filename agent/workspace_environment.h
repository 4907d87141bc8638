// The environment of a workspace's sessions: what the image sets, and what Homeport adds to it.
// Both backends give it to a session: the embedded server by itself, OpenSSH from the block in
// ~/.ssh/environment.
//
// In this order, each name once:
//   SHELL CODER_USER_EMAIL CODER_WORKSPACE_NAME HOSTNAME CODER_USERNAME SSH_AUTH_SOCK PWD
//   CODER_ASSETS_ROOT HOME LANG CODER_CPU_LIMIT CODER_MEMORY_LIMIT USER ITEM_URL CODER_IMAGE_TAG
//   CODER_IMAGE_DIGEST SERVICE_URL CODER_IMAGE_URI PATH BASE_PATH _ CODER_WORKSPACE_ID CODER_URL
// and the image's others by name.
//
// - What the workspace's record does not say is not set; the image's own value of that name passes.
// - CODER_CPU_LIMIT (CPUs) and CODER_MEMORY_LIMIT (GiB) are the control group's; without a limit,
//   what the machine has: people size their builds by these numbers, and "none" is no number.
// - LANG is the image's, else C.UTF-8: that one needs no locale to be installed.
// - PATH is the image's, with the bundle's command folder at its end if it is not in it.
// - SSH_AUTH_SOCK is the key socket, while it is switched on.
// - Nothing of Homeport's own passes from the image (HOMEPORT_*: addresses, and the path of the
//   credential), and nothing that belongs to the session or service that started the agent.
//
// Threads: any.
#ifndef HOMEPORT_AGENT_WORKSPACE_ENVIRONMENT_H_
#define HOMEPORT_AGENT_WORKSPACE_ENVIRONMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "agent/account.h"
#include "proto/homeport/v1/agent.pb.h"

namespace homeport::agent {

struct WorkspaceFacts {
  Account account;
  std::string hostname;
  std::vector<std::string> image;  // "NAME=value": what the agent was started with
  v1::WorkspaceSettings settings;
  std::string assets_root;
  // Limits, or the machine's totals; not set if 0.
  int64_t cpu_millis = 0;
  int64_t memory_bytes = 0;
};

struct WorkspaceEnvironment {
  std::vector<std::string> variables;  // "NAME=value"
  // Those of them that ~/.ssh/environment can hold (sshd(8)): no newline, a name that sshd takes.
  std::vector<std::string> lines;
  std::vector<std::string> left_out;  // the names of the others, printable
};

WorkspaceEnvironment MakeWorkspaceEnvironment(const WorkspaceFacts& facts);

// The path of the workspace's key socket.
std::string KeySocketPath(const Account& account);

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_WORKSPACE_ENVIRONMENT_H_
