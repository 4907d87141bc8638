#include "cli/completion_script.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace homeport {
namespace {

// A word that the shell takes as it is; in fish a backslash is also one inside of quotes.
std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}
std::string FishQuoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// The cases of all commands' paths, for a loop that follows the words.
std::string PathPatterns(const std::vector<CompletionCommand>& commands) {
  std::vector<std::string> patterns;
  for (const CompletionCommand& command : commands) {
    if (!command.path.empty()) patterns.push_back(Quoted(" " + command.path));
  }
  return absl::StrJoin(patterns, " | ");
}

// What bash runs to complete a value or an argument of this kind.
std::string BashAction(CompletionKind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case CompletionKind::kChoices:
      return absl::StrCat("COMPREPLY=($(compgen -W ", Quoted(absl::StrJoin(choices, " ")),
                          " -- \"$cur\"))");
    case CompletionKind::kFile:
      return "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
    case CompletionKind::kWorkspace:
      return "COMPREPLY=($(compgen -W \"$(homeport __complete workspaces 2>/dev/null)\" -- "
             "\"$cur\"))";
    default:
      return "COMPREPLY=()";
  }
}

std::string ZshAction(CompletionKind kind, const std::vector<std::string>& choices) {
  switch (kind) {
    case CompletionKind::kChoices:
      return absl::StrCat("compadd -- ", absl::StrJoin(choices, " "));
    case CompletionKind::kFile:
      return "_files";
    case CompletionKind::kWorkspace:
      return "compadd -- ${(f)\"$(homeport __complete workspaces 2>/dev/null)\"}";
    default:
      return ":";
  }
}

// `'name:help'` for zsh's _describe.
std::string ZshEntry(const std::string& name, const std::string& help) {
  return Quoted(absl::StrCat(name, ":", help));
}

const CompletionCommand* Find(const std::vector<CompletionCommand>& commands,
                              const std::string& path) {
  for (const CompletionCommand& command : commands) {
    if (command.path == path) return &command;
  }
  return nullptr;
}

std::string HelpOf(const std::vector<CompletionCommand>& commands, const std::string& path) {
  const CompletionCommand* command = Find(commands, path);
  return command == nullptr ? "" : command->help;
}

}  // namespace

std::string BashCompletion(const std::vector<CompletionCommand>& commands) {
  std::string values;
  std::string words;
  for (const CompletionCommand& command : commands) {
    std::vector<std::string> names;
    for (const std::string& path : command.subcommands) names.push_back(CommandName(path));
    std::vector<std::string> options;
    for (const CompletionOption& option : command.options) {
      options.push_back(option.name);
      if (option.value == CompletionKind::kNothing) continue;
      absl::StrAppend(&values, "    ", Quoted(absl::StrCat(" ", command.path, ":", option.name)),
                      ") ", BashAction(option.value, option.choices), "; return ;;\n");
    }
    const std::string where = command.path.empty() ? "" : " " + command.path;
    absl::StrAppend(&words, "    ", Quoted(where),
                    ")\n      if [[ $cur == -* ]]; then\n        COMPREPLY=($(", "compgen -W ",
                    Quoted(absl::StrJoin(options, " ")), " -- \"$cur\"))\n      else\n        ",
                    names.empty() ? BashAction(command.argument, {})
                                  : BashAction(CompletionKind::kChoices, names),
                    "\n      fi ;;\n");
  }
  // The program's own options stand behind a path that is empty.
  values = absl::StrReplaceAll(values, {{"' :", "':"}});
  return absl::StrCat(
      "# bash completion for homeport; made by: homeport completion bash\n"
      "_homeport() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} where='' i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$where ${COMP_WORDS[i]}\" in\n"
      "    ",
      PathPatterns(commands),
      ") where=\"$where ${COMP_WORDS[i]}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$where:${COMP_WORDS[COMP_CWORD - 1]}\" in\n",
      values,
      "  esac\n"
      "  case \"$where\" in\n",
      words,
      "  esac\n"
      "}\n"
      "complete -F _homeport homeport\n");
}

std::string ZshCompletion(const std::vector<CompletionCommand>& commands) {
  std::string values;
  std::string words;
  for (const CompletionCommand& command : commands) {
    const std::string where = command.path.empty() ? "" : " " + command.path;
    std::string names;
    for (const std::string& path : command.subcommands) {
      absl::StrAppend(&names, " ", ZshEntry(CommandName(path), HelpOf(commands, path)));
    }
    std::string options;
    for (const CompletionOption& option : command.options) {
      absl::StrAppend(&options, " ", ZshEntry(option.name, option.help));
      if (option.value == CompletionKind::kNothing) continue;
      absl::StrAppend(&values, "    (", Quoted(absl::StrCat(where, ":", option.name)), ") ",
                      ZshAction(option.value, option.choices), "; return ;;\n");
    }
    absl::StrAppend(&words, "    (", Quoted(where), ")\n      options=(", options,
                    ")\n      commands=(", names, ")\n      [[ $cur == -* ]] || ",
                    ZshAction(command.argument, {}), " ;;\n");
  }
  return absl::StrCat(
      "#compdef homeport\n"
      "# zsh completion for homeport; made by: homeport completion zsh\n"
      "_homeport() {\n"
      "  local cur=${words[CURRENT]} where='' i\n"
      "  local -a options commands\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$where ${words[i]}\" in\n"
      "    (",
      PathPatterns(commands),
      ") where=\"$where ${words[i]}\" ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$where:${words[CURRENT - 1]}\" in\n",
      values,
      "  esac\n"
      "  case \"$where\" in\n",
      words,
      "  esac\n"
      "  if [[ $cur == -* ]]; then\n"
      "    _describe option options\n"
      "  elif (( $#commands )); then\n"
      "    _describe command commands\n"
      "  fi\n"
      "}\n"
      "if [[ $funcstack[1] == _homeport ]]; then\n"
      "  _homeport \"$@\"\n"
      "else\n"
      "  compdef _homeport homeport\n"
      "fi\n");
}

std::string FishCompletion(const std::vector<CompletionCommand>& commands) {
  std::string paths;
  std::string lines;
  for (const CompletionCommand& command : commands) {
    if (!command.path.empty()) absl::StrAppend(&paths, " ", FishQuoted(command.path));
    const std::string start =
        absl::StrCat("complete -c homeport -n ",
                     FishQuoted(absl::StrCat("__homeport_at ", FishQuoted(command.path))));
    for (const std::string& path : command.subcommands) {
      absl::StrAppend(&lines, start, " -a ", CommandName(path), " -d ",
                      FishQuoted(HelpOf(commands, path)), "\n");
    }
    if (command.argument == CompletionKind::kWorkspace) {
      absl::StrAppend(&lines, start, " -a '(homeport __complete workspaces 2>/dev/null)'\n");
    }
    if (command.argument == CompletionKind::kFile) absl::StrAppend(&lines, start, " -F\n");
    for (const CompletionOption& option : command.options) {
      const bool is_long = option.name.rfind("--", 0) == 0;
      absl::StrAppend(&lines, start, is_long ? " -l " : " -s ", option.name.substr(is_long ? 2 : 1),
                      option.value == CompletionKind::kFile      ? " -r -F"
                      : option.value == CompletionKind::kNothing ? ""
                                                                 : " -x");
      if (option.value == CompletionKind::kChoices) {
        absl::StrAppend(&lines, " -a ", FishQuoted(absl::StrJoin(option.choices, " ")));
      }
      if (option.value == CompletionKind::kWorkspace) {
        absl::StrAppend(&lines, " -a '(homeport __complete workspaces 2>/dev/null)'");
      }
      absl::StrAppend(&lines, " -d ", FishQuoted(option.help), "\n");
    }
  }
  return absl::StrCat(
      "# fish completion for homeport; made by: homeport completion fish\n"
      "set -g __homeport_commands",
      paths,
      "\n"
      "function __homeport_at\n"
      "    set -l where\n"
      "    for word in (commandline -opc)[2..-1]\n"
      "        set -l longer (string join ' ' -- $where $word)\n"
      "        contains -- $longer $__homeport_commands; and set where $longer\n"
      "    end\n"
      "    test \"$where\" = \"$argv[1]\"\n"
      "end\n"
      "complete -c homeport -f\n",
      lines);
}

}  // namespace homeport
