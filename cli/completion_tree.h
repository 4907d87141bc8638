// What a shell needs to know to complete a command line: the commands with their options, read off
// the program itself, so that nothing is written twice.
//
// Threads: any, once made.
#ifndef HOMEPORT_CLI_COMPLETION_TREE_H_
#define HOMEPORT_CLI_COMPLETION_TREE_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace homeport {

// What stands behind an option, or as an argument.
enum class CompletionKind { kNothing, kText, kChoices, kFile, kWorkspace };

struct CompletionOption {
  std::string name;  // "--output" or "-o"
  std::string help;
  CompletionKind value = CompletionKind::kNothing;
  std::vector<std::string> choices;
};

struct CompletionCommand {
  std::string path;  // "", "users", "users create"
  std::string help;
  std::vector<std::string> subcommands;   // paths
  std::vector<CompletionOption> options;  // those of the program too
  CompletionKind argument = CompletionKind::kNothing;
};

// All commands but hidden ones, the program itself first; each before those below it.
std::vector<CompletionCommand> ReadCommands(const CLI::App& app);

// The last word of a path.
std::string CommandName(const std::string& path);

}  // namespace homeport

#endif  // HOMEPORT_CLI_COMPLETION_TREE_H_
