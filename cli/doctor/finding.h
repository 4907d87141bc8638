// What the doctor says about one thing.
#ifndef HOMEPORT_CLI_DOCTOR_FINDING_H_
#define HOMEPORT_CLI_DOCTOR_FINDING_H_

#include <string>
#include <utility>

namespace homeport::doctor {

struct Finding {
  enum class State {
    kOk,
    kNote,     // nothing is wrong, but somebody may wonder
    kMissing,  // something does not work until it is mended
  };

  std::string name;  // of what was looked at; scripts know it by this
  State state = State::kOk;
  std::string what;  // how it is, one clause
  std::string why;   // why that matters; empty if it is ok
  std::string fix;   // what to do; empty if it is ok
};

inline Finding Ok(std::string name, std::string what) {
  return {std::move(name), Finding::State::kOk, std::move(what), "", ""};
}

}  // namespace homeport::doctor

#endif  // HOMEPORT_CLI_DOCTOR_FINDING_H_
