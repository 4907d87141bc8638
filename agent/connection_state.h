// Whether the agent is connected, for people and programs beside it: a small file that is replaced
// whenever that changes.
//
//   state=connected|disconnected
//   error=the sentence of the last failure, empty when connected
//   workspace=users/…/workspaces/…, once it is known
//
// Threads: the loop's.
#ifndef HOMEPORT_AGENT_CONNECTION_STATE_H_
#define HOMEPORT_AGENT_CONNECTION_STATE_H_

#include <string>

namespace homeport {
class WorkerPool;
}  // namespace homeport

namespace homeport::agent {

class ConnectionState {
 public:
  // Without a file if `path` is empty. Files are written by `file_writer`, which has one thread, so
  // that the last state is the last written.
  ConnectionState(std::string path, WorkerPool& file_writer);

  void SetConnected(const std::string& workspace);
  void SetDisconnected(const std::string& error);

  bool connected() const { return connected_; }

 private:
  void Publish();

  const std::string path_;
  WorkerPool& file_writer_;
  bool connected_ = false;
  std::string error_;
  std::string workspace_;
};

}  // namespace homeport::agent

#endif  // HOMEPORT_AGENT_CONNECTION_STATE_H_
