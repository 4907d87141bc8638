#include "agent/sftp/sftp_server_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "agent/sftp/packet_framing.h"

namespace homeport::agent::sftp {

std::string Packet(uint8_t type, uint32_t id, absl::string_view fields) {
  WireWriter packet;
  packet.Uint32(static_cast<uint32_t>(5 + fields.size())).Byte(type).Uint32(id).Raw(fields);
  return std::move(packet).bytes();
}

std::string PathField(absl::string_view path) { return WireWriter().String(path).bytes(); }

std::string PathsField(absl::string_view first, absl::string_view second) {
  return WireWriter().String(first).String(second).bytes();
}

std::string PathAndAttributes(absl::string_view path, const Attributes& attributes) {
  WireWriter fields;
  fields.String(path);
  WriteAttributes(attributes, fields);
  return std::move(fields).bytes();
}

void SftpServerFixture::SetUp() {
  std::string pattern = "/tmp/homeport-sftp.XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  folder_ = pattern;
  ASSERT_EQ(chdir(folder_.c_str()), 0);
  umask_ = umask(022);
  StartServer({});
}

void SftpServerFixture::TearDown() {
  server_.reset();
  umask(umask_);
  ASSERT_EQ(chdir("/"), 0);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void SftpServerFixture::StartServer(const SftpServer::Options& options) {
  server_.reset();
  input_ = std::make_unique<ByteBuffer>(2 * SftpServer::kLeastBufferBytes);
  output_ = std::make_unique<ByteBuffer>(2 * SftpServer::kLeastBufferBytes);
  server_ = std::make_unique<SftpServer>(files_, accounts_, options, *output_);
  ASSERT_TRUE(Feed(Packet(kInit, kProtocolVersion, "")).ok());
  const std::vector<Reply> replies = TakeReplies();
  ASSERT_EQ(replies.size(), 1u);
  ASSERT_EQ(replies[0].type, kVersion);
  ASSERT_EQ(replies[0].id, kProtocolVersion);
}

absl::Status SftpServerFixture::Feed(absl::string_view bytes) {
  EXPECT_TRUE(input_->Append(bytes));
  return server_->Serve(*input_);
}

std::vector<SftpServerFixture::Reply> SftpServerFixture::TakeReplies() {
  std::vector<Reply> replies;
  while (!output_->empty()) {
    const auto packet = FirstPacket(output_->bytes());
    EXPECT_TRUE(packet.ok() && !packet->empty()) << "the output is not made of packets";
    if (!packet.ok() || packet->empty()) break;
    WireReader reader(*packet);
    Reply reply;
    reply.type = reader.Byte();
    reply.id = reader.Uint32();
    reply.fields = std::string(reader.rest());
    replies.push_back(std::move(reply));
    output_->Consume(kLengthBytes + packet->size());
  }
  return replies;
}

SftpServerFixture::Reply SftpServerFixture::Ask(uint8_t type, absl::string_view fields) {
  const uint32_t id = ++last_id_;
  const absl::Status status = Feed(Packet(type, id, fields));
  EXPECT_TRUE(status.ok()) << status;
  std::vector<Reply> replies = TakeReplies();
  EXPECT_EQ(replies.size(), 1u);
  if (replies.size() != 1) return {};
  EXPECT_EQ(replies[0].id, id);
  return std::move(replies[0]);
}

SftpServerFixture::Reply SftpServerFixture::AskExtended(absl::string_view name,
                                                        absl::string_view fields) {
  return Ask(kExtended, WireWriter().String(name).Raw(fields).bytes());
}

StatusCode SftpServerFixture::StatusOf(const Reply& reply) {
  EXPECT_EQ(reply.type, kStatusReply);
  WireReader reader(reply.fields);
  const uint32_t code = reader.Uint32();
  EXPECT_FALSE(reader.String().empty()) << "a status has a sentence";
  reader.String();
  EXPECT_TRUE(reader.AtEnd());
  return static_cast<StatusCode>(code);
}

std::string SftpServerFixture::StringOf(const Reply& reply, uint8_t type) {
  EXPECT_EQ(reply.type, type);
  WireReader reader(reply.fields);
  const std::string text(reader.String());
  EXPECT_TRUE(reader.AtEnd());
  return text;
}

std::string SftpServerFixture::NameOf(const Reply& reply) {
  EXPECT_EQ(reply.type, kNameReply);
  WireReader reader(reply.fields);
  EXPECT_EQ(reader.Uint32(), 1u);
  const std::string name(reader.String());
  EXPECT_EQ(reader.String(), name);
  EXPECT_EQ(reader.Uint32(), 0u);  // no attributes
  EXPECT_TRUE(reader.AtEnd());
  return name;
}

Attributes SftpServerFixture::AttributesOfReply(const Reply& reply) {
  EXPECT_EQ(reply.type, kAttrsReply);
  WireReader reader(reply.fields);
  const Attributes attributes = ReadAttributes(reader);
  EXPECT_TRUE(reader.AtEnd());
  return attributes;
}

std::string SftpServerFixture::Open(const std::string& path, uint32_t flags,
                                    const Attributes& attributes) {
  WireWriter fields;
  fields.String(path).Uint32(flags);
  WriteAttributes(attributes, fields);
  return StringOf(Ask(kOpen, fields.bytes()), kHandleReply);
}

std::string SftpServerFixture::Read(const std::string& handle, uint64_t offset, uint32_t size) {
  const Reply reply = Ask(kRead, WireWriter().String(handle).Uint64(offset).Uint32(size).bytes());
  return StringOf(reply, kDataReply);
}

StatusCode SftpServerFixture::Write(const std::string& handle, uint64_t offset,
                                    absl::string_view data) {
  return AskStatus(kWrite, WireWriter().String(handle).Uint64(offset).String(data).bytes());
}

void SftpServerFixture::MakeFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string SftpServerFixture::Content(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

struct stat SftpServerFixture::Lstat(const std::string& path) {
  struct stat file = {};
  EXPECT_EQ(lstat(path.c_str(), &file), 0) << path;
  return file;
}

}  // namespace homeport::agent::sftp
