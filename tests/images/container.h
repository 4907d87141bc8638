// An image that runs as a container does, as a workspace of a World: the asset bundle is mounted at
// /var/tmp/coder and the agent is the first process, in namespaces of its own for files and
// processes. The network is the machine's.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_IMAGES_CONTAINER_H_
#define HOMEPORT_TESTS_IMAGES_CONTAINER_H_

#include <sys/types.h>

#include <string>

#include "tests/images/image.h"
#include "tests/integration/world.h"

namespace homeport::story {

struct Container {
  std::string workspace;  // its name; demo's
  uid_t uid = 0;
  bool read_only = false;
  Words environment;  // of the image, NAME=VALUE
  Words flags;        // of the agent, beyond those that it needs
  Words command;      // of the image; may be empty
};

// Why this machine, or this user, can run none; empty if it can.
std::string WhyNoContainers();

// Makes the workspace and starts the image as world.agent(workspace). Does not wait.
void StartContainer(World& world, const Image& image, const Container& container);

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_IMAGES_CONTAINER_H_
