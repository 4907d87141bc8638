// Agents live for months in running workspaces, and proxies and coordinators are upgraded one after
// another: what an older version says must mean the same to this one. Recorded messages of older
// versions are read again here; a field that was renumbered, retyped or taken away fails.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/file.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "proto/homeport/v1/agent.pb.h"
#include "proto/homeport/v1/session.pb.h"

namespace homeport {
namespace {

using google::protobuf::Message;

struct Recorded {
  std::string type;
  std::string bytes;
  std::string text;
};

// An entry is `message TYPE`, `bytes HEX`, and the text format, indented.
std::vector<Recorded> ReadRecorded(const std::string& version) {
  // So that the messages are in the pool.
  (void)v1::ConnectAgentRequest::descriptor();
  (void)v1::ConnectProxyRequest::descriptor();
  const std::string content =
      ReadFile(absl::StrCat("tests/protocol/version_", version, ".txt")).value_or("");
  std::vector<Recorded> entries;
  for (const absl::string_view line : absl::StrSplit(content, '\n')) {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, "message ")) {
      entries.push_back({std::string(rest), "", ""});
    } else if (absl::ConsumePrefix(&rest, "bytes ")) {
      entries.back().bytes = absl::HexStringToBytes(rest);
    } else if (absl::ConsumePrefix(&rest, "  ")) {
      absl::StrAppend(&entries.back().text, rest, "\n");
    }
  }
  return entries;
}

std::unique_ptr<Message> NewMessage(const std::string& type) {
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return nullptr;
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor);
  return std::unique_ptr<Message>(prototype->New());
}

TEST(RecordedMessagesTest, MeanWhatTheyMeant) {
  const std::vector<Recorded> entries = ReadRecorded("0_1_0");
  EXPECT_GE(entries.size(), 20u);
  for (const Recorded& entry : entries) {
    SCOPED_TRACE(entry.type + " " + entry.text.substr(0, entry.text.find('\n')));
    const std::unique_ptr<Message> now = NewMessage(entry.type);
    const std::unique_ptr<Message> then = NewMessage(entry.type);
    ASSERT_NE(now, nullptr) << "this message is gone";
    ASSERT_TRUE(now->ParseFromString(entry.bytes));
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(entry.text, then.get()))
        << "a field was renamed or is gone: tools and the audit's readers know it by name";
    google::protobuf::util::MessageDifferencer differencer;
    std::string difference;
    differencer.ReportDifferencesToString(&difference);
    EXPECT_TRUE(differencer.Compare(*then, *now)) << difference;
    EXPECT_EQ(now->SerializeAsString(), entry.bytes);
  }
}

// And what a newer version says does no harm: it is carried, or passed over.
TEST(RecordedMessagesTest, FieldsOfALaterVersionArePassedOver) {
  for (const Recorded& entry : ReadRecorded("0_1_0")) {
    const std::unique_ptr<Message> message = NewMessage(entry.type);
    ASSERT_NE(message, nullptr);
    // Number 1000, a string.
    EXPECT_TRUE(message->ParseFromString(entry.bytes + std::string("\xc2\x3e\x03new", 6)));
    EXPECT_EQ(message->GetReflection()->GetUnknownFields(*message).field_count(), 1);
  }
  // A message of a kind that is not known yet is one of none.
  v1::ConnectAgentResponse order;
  EXPECT_TRUE(order.ParseFromString(std::string("\xc2\x3e\x00", 3)));
  EXPECT_EQ(order.message_case(), v1::ConnectAgentResponse::MESSAGE_NOT_SET);
}

}  // namespace
}  // namespace homeport
