#include "cli/json.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/homeport/v1/admin.pb.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(JsonTest, FieldsHaveTheirProtoNamesAndAreThereWhenEmpty) {
  v1::Workspace workspace;
  workspace.set_name("users/demo/workspaces/dev");
  workspace.set_provider("providers/local");
  workspace.mutable_create_time()->set_seconds(1700000000);
  EXPECT_EQ(*ToJson(workspace),
            "{\n"
            "  \"name\": \"users/demo/workspaces/dev\",\n"
            "  \"provider\": \"providers/local\",\n"
            "  \"online\": false,\n"
            "  \"base_path\": \"\",\n"
            "  \"pinned_backend\": \"BACKEND_KIND_UNSPECIFIED\",\n"
            "  \"last_connection_address\": \"\",\n"
            "  \"ssh_enabled\": false,\n"
            "  \"live_sessions\": 0,\n"
            "  \"service_account\": \"\",\n"
            "  \"create_time\": \"2023-11-14T22:13:20Z\"\n"
            "}\n");
}

TEST(JsonTest, SecretsAreThereOnlyWhenShown) {
  v1::User user;
  user.add_roles(v1::ROLE_MEMBER);
  EXPECT_THAT(*ToJson(user), Not(HasSubstr("initial_token")));
  EXPECT_THAT(*ToJson(user), HasSubstr("\"ROLE_MEMBER\""));
  user.set_initial_token("t0ken");
  EXPECT_THAT(*ToJson(user), HasSubstr("\"initial_token\": \"t0ken\""));
}

TEST(JsonTest, AListIsAnArray) {
  EXPECT_EQ(*ToJsonArray(std::vector<v1::Laggard>()), "[]\n");
  std::vector<v1::Laggard> two(2);
  two[0].set_name("proxies/a");
  two[1].set_name("proxies/b");
  EXPECT_EQ(*ToJsonArray(two),
            "[\n"
            "  {\n    \"name\": \"proxies/a\",\n    \"reason\": \"\"\n  },\n"
            "  {\n    \"name\": \"proxies/b\",\n    \"reason\": \"\"\n  }\n"
            "]\n");
  EXPECT_EQ(*ToJsonLine(two[0]), "{\"name\":\"proxies/a\",\"reason\":\"\"}\n");
}

TEST(JsonTest, AnObjectTakesOthersIn) {
  v1::Effect effect;
  effect.set_ended_sessions(2);
  EXPECT_EQ(ToJsonObject({{"deleted", "users/a"}}, {{"effect", *ToJson(effect)}}),
            "{\n  \"deleted\": \"users/a\",\n  \"effect\": {\n    \"ended_sessions\": 2,\n"
            "    \"laggards\": []\n  }\n}\n");
}

TEST(JsonTest, ControlCharactersAreEscaped) {
  v1::Provider provider;
  provider.set_display_name("a\x1b[2J\"");
  EXPECT_THAT(*ToJson(provider), HasSubstr("a\\u001b[2J\\\""));
  EXPECT_EQ(ToJsonObject({{"b", "\x1b"}, {"a", "x"}}),
            "{\n  \"b\": \"\\u001b\",\n  \"a\": \"x\"\n}\n");
}

}  // namespace
}  // namespace homeport
