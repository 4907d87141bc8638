// What an SFTP client sends, on files that exist only here. INIT and an open file and folder come
// first, so that there is something to ask about; the input is the rest of the stream.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/sftp/packet_framing.h"
#include "agent/sftp/sftp_server.h"
#include "base/ssh_wire.h"
#include "tests/fuzz/imaginary_files.h"

namespace {

using homeport::WireWriter;
using homeport::agent::sftp::ByteBuffer;
using homeport::agent::sftp::FirstPacket;
using homeport::agent::sftp::kLengthBytes;
using homeport::agent::sftp::SftpServer;

// The handles of the two are 0 and 1, generation 0.
std::string Prologue() {
  WireWriter stream;
  stream.Uint32(5).Byte(1).Uint32(3);
  stream.Uint32(18).Byte(3).Uint32(1).String("f").Uint32(3).Uint32(0);
  stream.Uint32(10).Byte(11).Uint32(2).String("d");
  return stream.bytes();
}

// Everything that is said to a client is made of packets of a size that was promised.
void TakeReplies(ByteBuffer& output) {
  while (!output.empty()) {
    const auto packet = FirstPacket(output.bytes());
    if (!packet.ok() || packet->size() < 5) abort();
    output.Consume(kLengthBytes + packet->size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  homeport::fuzz::ImaginaryFiles files;
  homeport::fuzz::ImaginaryAccounts accounts;
  // Making these anew would take most of the time.
  static ByteBuffer input(2 * SftpServer::kLeastBufferBytes);
  static ByteBuffer output(2 * SftpServer::kLeastBufferBytes);
  input.Consume(input.size());
  output.Consume(output.size());
  SftpServer::Options options;
  options.most_handles = 10;
  SftpServer server(files, accounts, options, output);
  input.Append(Prologue());
  absl::string_view rest(reinterpret_cast<const char*>(data), size);
  bool sound = true;
  while (sound && !rest.empty()) {
    const size_t piece = std::min(rest.size(), input.room());
    input.Append(rest.substr(0, piece));
    rest.remove_prefix(piece);
    do {
      sound = server.Serve(input).ok();
      if (server.waits_for_output() && output.empty()) abort();
      TakeReplies(output);
    } while (sound && server.waits_for_output());
    if (sound && input.room() == 0 && !rest.empty()) abort();  // it would wait for ever
  }
  return 0;
}
