// What people do over ssh, as bash scripts that end with 0 if, and only if, everything came out
// exactly as it should.
//
// A script finds in its environment: SSH (the command, with all its options), CONFIG, TO (the
// workspace), DATA (a file of known bytes that both ends see), SIZE (how many of them), PAUSE
// (seconds), OPS (host:port that answers HTTP) and HERE, its own folder, which it has to itself.
//
// Threads: immutable; any.
#ifndef HOMEPORT_TESTS_CHAOS_VERBS_H_
#define HOMEPORT_TESTS_CHAOS_VERBS_H_

#include <string>
#include <vector>

namespace homeport::story {

struct Verb {
  std::string name;
  std::string script;
  int weight;  // how often, compared with the others
};

// The terminal's verb has no script: Client talks to it itself.
inline constexpr char kTerminalVerb[] = "terminal";

const std::vector<Verb>& AllVerbs();

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_CHAOS_VERBS_H_
