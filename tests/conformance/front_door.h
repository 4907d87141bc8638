// What the suites share that speak to the front door in packets of their own: a world started once
// for all tests of a suite, in which demo has the workspace dev, and eve the workspace hers, which
// has never been connected.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_CONFORMANCE_FRONT_DOOR_H_
#define HOMEPORT_TESTS_CONFORMANCE_FRONT_DOOR_H_

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/integration/world.h"
#include "tests/raw_ssh/raw_client.h"
#include "tests/raw_ssh/signing_key.h"

namespace homeport::story {

class FrontDoor : public testing::Test {
 public:
  static void SetUpTestSuite() { StartWorld({}); }
  static void TearDownTestSuite();

 protected:
  // With these flags for the sshproxy.
  static void StartWorld(const Words& sshproxy_flags);
  // Somebody else's session goes on as if nothing had happened, whatever the test did.
  void TearDown() override;

  static World& world() { return *world_; }
  static const raw_ssh::SigningKey& demo() { return *demo_; }
  static const raw_ssh::SigningKey& eve() { return *eve_; }

  // A connection to the front door on which nothing has been said, from an address of this
  // machine's: 127.0.0.1, or another that begins with 127.
  static raw_ssh::RawClient Connect(const std::string& from = "127.0.0.1");
  // What a signed-in client is told when it runs a command, on both its outputs.
  static std::string RunCommand(raw_ssh::RawClient& client, const std::string& command);
  // A counter or gauge of the sshproxy's; 0 if there is none yet.
  static int Metric(const std::string& name);
  // How many signatures the front door has found to be right, though nobody has the key.
  static int StrangersVerified();

 private:
  static std::unique_ptr<World> world_;
  static std::unique_ptr<raw_ssh::SigningKey> demo_;
  static std::unique_ptr<raw_ssh::SigningKey> eve_;
  static std::unique_ptr<Conversation> bystander_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_CONFORMANCE_FRONT_DOOR_H_
