#include "cli/completion_tree.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace homeport {
namespace {

// "TEXT:{on,off}" as CLI11 describes a choice.
std::vector<std::string> Choices(const std::string& type) {
  const size_t open = type.find('{');
  const size_t close = type.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return {};
  return absl::StrSplit(type.substr(open + 1, close - open - 1), ',');
}

bool IsFile(const std::string& name) {
  return absl::EndsWith(name, "-file") || name == "--file" || name == "--token-file-out" ||
         name == "FILE";
}

bool IsWorkspace(const std::string& name) {
  return name == "WORKSPACE" || name == "--workspace" || name == "SRC" || name == "DST";
}

CompletionKind KindOf(const std::string& name) {
  return IsFile(name)        ? CompletionKind::kFile
         : IsWorkspace(name) ? CompletionKind::kWorkspace
                             : CompletionKind::kText;
}

std::string OneLine(const std::string& text) { return absl::StrReplaceAll(text, {{"\n", " "}}); }

void AddOptions(const CLI::App& app, CompletionCommand& command) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    if (option->get_positional()) {
      const CompletionKind kind = KindOf(option->get_name(true));
      if (command.argument == CompletionKind::kNothing) command.argument = kind;
      continue;
    }
    std::vector<std::string> names;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
    for (const std::string& name : names) {
      CompletionOption entry;
      entry.name = name;
      entry.help = OneLine(option->get_description());
      if (option->get_items_expected_max() > 0) {
        entry.choices = Choices(option->get_type_name());
        entry.value = entry.choices.empty() ? KindOf(name) : CompletionKind::kChoices;
      }
      command.options.push_back(std::move(entry));
    }
  }
}

void Walk(const CLI::App& app, const std::string& path, const CLI::App& program,
          std::vector<CompletionCommand>& commands) {
  CompletionCommand command;
  command.path = path;
  command.help = OneLine(app.get_description());
  AddOptions(app, command);
  if (&app != &program && app.get_fallthrough()) {
    for (const CompletionOption& option : commands.front().options) {
      if (option.name != "--help" && option.name != "-h") command.options.push_back(option);
    }
  }
  // What it takes is ssh's, but for the workspace.
  if (path == "ssh") {
    command.options.clear();
    command.argument = CompletionKind::kWorkspace;
  }
  std::vector<std::pair<const CLI::App*, std::string>> below;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_group().empty()) continue;
    below.emplace_back(sub, path.empty() ? sub->get_name() : path + " " + sub->get_name());
    command.subcommands.push_back(below.back().second);
  }
  commands.push_back(std::move(command));
  for (const auto& [sub, sub_path] : below) Walk(*sub, sub_path, program, commands);
}

}  // namespace

std::vector<CompletionCommand> ReadCommands(const CLI::App& app) {
  std::vector<CompletionCommand> commands;
  Walk(app, "", app, commands);
  return commands;
}

std::string CommandName(const std::string& path) {
  const size_t space = path.rfind(' ');
  return space == std::string::npos ? path : path.substr(space + 1);
}

}  // namespace homeport
