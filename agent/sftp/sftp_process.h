// The SFTP server as a process of its own: requests on standard input, replies on standard output,
// complaints on standard error (`agent sftp-server`, as sftp-server(8)).
//
// Threads: main.
#ifndef HOMEPORT_AGENT_SFTP_SFTP_PROCESS_H_
#define HOMEPORT_AGENT_SFTP_SFTP_PROCESS_H_

namespace homeport::agent::sftp {

// The word by which the agent's main knows that it is to be this process.
constexpr char kSubcommand[] = "sftp-server";

// Serves until the input ends and returns the exit status. `argv` starts with the subcommand:
//   -R             refuse everything that would change something
//   -d folder      start there; %d is the home folder, %u the user, %% a percent sign
//   -u umask       octal
//   -e, -h, -f, -l are taken as sftp-server(8) has them and mean nothing: there is no log
int RunSftpProcess(int argc, char** argv);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_SFTP_PROCESS_H_
