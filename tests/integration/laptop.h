// A laptop whose network can go away without a word: a network namespace of its own, joined to the
// test's by a cable (veth(4)) that swallows what is sent once it is cut. Nobody gets a FIN, a RST
// or an ICMP message.
//
// The test's main thread moves into a network namespace too, so that nothing of this is seen
// outside and the kernel clears it away however the test ends.
//
//   Laptop laptop;
//   ASSERT_EQ(laptop.Join(), "");  // or skip
//   world.SetListenAddress("ssh", std::string(Laptop::kOtherEnd) + ":0");
//   Conversation ssh(laptop.Run(world.SshCommand({"dev"})));
//   laptop.CutCable();
//
// Threads: the test's main thread, before it has started any process of the world's.
#ifndef HOMEPORT_TESTS_INTEGRATION_LAPTOP_H_
#define HOMEPORT_TESTS_INTEGRATION_LAPTOP_H_

#include <string>

#include "base/unique_fd.h"
#include "tests/integration/process.h"

namespace homeport::story {

class Laptop {
 public:
  // The laptop's address, and the one at the cable's other end: the test's.
  static constexpr char kAddress[] = "10.9.9.9";
  static constexpr char kOtherEnd[] = "10.9.9.1";

  // Makes the networks. Why that cannot be done here (it takes root's rights), or empty.
  std::string Join();

  // The same command, on the laptop.
  Process::Command Run(Process::Command command) const;

  void CutCable();
  void MendCable();

 private:
  std::string Namespace() const;
  std::string Inside() const;
  // What both ends of the cable send to from now on. What is wrong, or empty.
  std::string SetNeighbours(const std::string& hardware_address);

  UniqueFd namespace_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_LAPTOP_H_
