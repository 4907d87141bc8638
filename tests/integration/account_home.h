// Gives the account that runs the test another home, in a mount namespace that nobody else sees:
// for programs that look it up by the account's record, as ssh and sshd do, whatever HOME says.
// Needs the right to mount.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_INTEGRATION_ACCOUNT_HOME_H_
#define HOMEPORT_TESTS_INTEGRATION_ACCOUNT_HOME_H_

#include <string>

namespace homeport::story {

class AccountHome {
 public:
  // Until the destructor. `folder` is for a file of its own.
  AccountHome(const std::string& folder, const std::string& home);
  ~AccountHome();
  AccountHome(const AccountHome&) = delete;
  AccountHome& operator=(const AccountHome&) = delete;

  // Why it could not be done; empty if it was.
  const std::string& why_not() const { return why_not_; }

 private:
  std::string why_not_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_ACCOUNT_HOME_H_
