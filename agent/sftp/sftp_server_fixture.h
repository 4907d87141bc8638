// An SftpServer without descriptors: requests as bytes in, replies as bytes out, on the files of a
// scratch folder that is the current one.
//
// Threads: the test's.
#ifndef HOMEPORT_AGENT_SFTP_SFTP_SERVER_FIXTURE_H_
#define HOMEPORT_AGENT_SFTP_SFTP_SERVER_FIXTURE_H_

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/sftp/posix_file_system.h"
#include "agent/sftp/sftp_server.h"
#include "agent/sftp/system_accounts.h"
#include "base/ssh_wire.h"
#include "gtest/gtest.h"

namespace homeport::agent::sftp {

// A packet with its length in front. `fields` follow the number.
std::string Packet(uint8_t type, uint32_t id, absl::string_view fields);

class SftpServerFixture : public ::testing::Test {
 protected:
  struct Reply {
    uint8_t type = 0;
    uint32_t id = 0;
    std::string fields;  // after the number
  };

  void SetUp() override;
  void TearDown() override;

  // Starts anew, and gets past INIT.
  void StartServer(const SftpServer::Options& options);
  // Gives the server these bytes; its replies wait for TakeReplies.
  absl::Status Feed(absl::string_view bytes);
  std::vector<Reply> TakeReplies();

  // Sends one request and returns its reply, whose number has been checked.
  Reply Ask(uint8_t type, absl::string_view fields);
  Reply AskExtended(absl::string_view name, absl::string_view fields);
  // The status that a request ended with; the test has failed if it was answered otherwise.
  StatusCode StatusOf(const Reply& reply);
  StatusCode AskStatus(uint8_t type, absl::string_view fields) {
    return StatusOf(Ask(type, fields));
  }
  // The only string that a HANDLE or DATA reply has.
  std::string StringOf(const Reply& reply, uint8_t type);
  // The only name of a NAME reply.
  std::string NameOf(const Reply& reply);
  Attributes AttributesOfReply(const Reply& reply);

  std::string Open(const std::string& path, uint32_t flags, const Attributes& attributes = {});
  std::string Read(const std::string& handle, uint64_t offset, uint32_t size);
  StatusCode Write(const std::string& handle, uint64_t offset, absl::string_view data);

  // The files of the scratch folder, behind the server's back.
  static void MakeFile(const std::string& path, const std::string& content);
  static std::string Content(const std::string& path);
  static struct stat Lstat(const std::string& path);

  const std::string& folder() const { return folder_; }
  ByteBuffer& output() { return *output_; }

 private:
  std::string folder_;
  mode_t umask_ = 0;
  PosixFileSystem files_;
  SystemAccounts accounts_;
  std::unique_ptr<ByteBuffer> input_;
  std::unique_ptr<ByteBuffer> output_;
  std::unique_ptr<SftpServer> server_;
  uint32_t last_id_ = 1000;
};

// Fields of requests.
std::string PathField(absl::string_view path);
std::string PathsField(absl::string_view first, absl::string_view second);
std::string PathAndAttributes(absl::string_view path, const Attributes& attributes);

}  // namespace homeport::agent::sftp

#endif  // HOMEPORT_AGENT_SFTP_SFTP_SERVER_FIXTURE_H_
