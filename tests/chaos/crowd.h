// So many people at a time who do one thing after the other, by chance: which, where, how much, and
// whether they are killed in the middle.
//
// Threads: the test's main thread.
#ifndef HOMEPORT_TESTS_CHAOS_CROWD_H_
#define HOMEPORT_TESTS_CHAOS_CROWD_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/chaos/client.h"

namespace homeport::story {

class Crowd {
 public:
  struct Tally {
    int succeeded = 0;
    int died = 0;
  };

  // They do what AllVerbs() has, in these workspaces.
  Crowd(World& world, size_t size, uint64_t seed, std::vector<std::string> workspaces);

  // Keeps `size` clients at work for so long. The test has failed if one of them did.
  void Work(absl::Duration duration);
  // Lets those who are at work finish, and starts nobody.
  void Drain();

  // By verb and workspace.
  const std::map<std::string, Tally>& tally() const { return tally_; }

 private:
  void StartOne();
  Client::Plan MakePlan();
  void TickAll();
  void ReapOrphans();
  int64_t Random(int64_t from, int64_t to);

  World& world_;
  const size_t size_;
  const std::vector<std::string> workspaces_;
  const std::string data_file_;
  std::mt19937_64 random_;
  std::list<std::unique_ptr<Client>> clients_;
  int started_ = 0;
  absl::Time next_start_ = absl::InfinitePast();
  std::map<std::string, Tally> tally_;
};

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_CHAOS_CROWD_H_
