#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/doctor/diagnosis.h"
#include "cli/laptop_doctor.h"
#include "cli/terminal_text.h"
#include "nlohmann/json.hpp"

namespace homeport {
namespace {

using doctor::Finding;

const char* StateText(Finding::State state) {
  switch (state) {
    case Finding::State::kOk:
      return "ok";
    case Finding::State::kNote:
      return "note";
    case Finding::State::kMissing:
      return "missing";
  }
  return "";
}

std::string ForPeople(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    std::string line = StateText(finding.state);
    line.resize(9, ' ');
    absl::StrAppend(&line, finding.name);
    line.resize(std::max<size_t>(line.size() + 2, 29), ' ');
    absl::StrAppend(&text, line, TerminalSafe(finding.what), "\n");
    if (finding.state == Finding::State::kOk) continue;
    const std::string indent(29, ' ');
    absl::StrAppend(&text, indent, "why: ", TerminalSafe(finding.why), "\n");
    absl::StrAppend(&text, indent, "do:  ", TerminalSafe(finding.fix), "\n");
  }
  return text;
}

std::string ForScripts(const std::vector<Finding>& findings, bool ok) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    checks.push_back({{"name", finding.name},
                      {"state", StateText(finding.state)},
                      {"what", finding.what},
                      {"why", finding.why},
                      {"fix", finding.fix}});
  }
  const nlohmann::ordered_json whole = {{"ok", ok}, {"checks", checks}};
  using Json = nlohmann::ordered_json;
  return absl::StrCat(whole.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

absl::Status Examine(Invocation& invocation, bool laptop) {
  const doctor::Surroundings here = doctor::Surroundings::Here();
  const std::vector<Finding> findings =
      here.IsWorkspace() && !laptop ? doctor::Diagnose(here) : ExamineLaptop(invocation);
  const auto missing = std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.state == Finding::State::kMissing;
  });
  invocation.Print(invocation.json() ? ForScripts(findings, missing == 0) : ForPeople(findings));
  if (missing == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(missing, missing == 1 ? " thing is" : " things are", " to be mended"));
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Say what is missing, why it matters and what to do: of this machine, or inside a workspace "
      "of the workspace");
  auto laptop = std::make_shared<bool>(false);  // shared with the action, which goes last
  command->add_flag("--laptop", *laptop,
                    "Look at this machine as at a person's own, whatever runs here");
  invocation.OnCommand(command, [&invocation, laptop] { return Examine(invocation, *laptop); });
}

}  // namespace homeport
