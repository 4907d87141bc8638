#include "coordinator/workspace_details.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace homeport {
namespace {

using ::testing::HasSubstr;

v1::Workspace Full() {
  v1::Workspace workspace;
  workspace.mutable_image()->set_uri("codercom/enterprise-base:ubuntu");
  workspace.mutable_image()->set_tag("latest");
  workspace.mutable_image()->set_digest("sha256:" + std::string(64, 'a'));
  workspace.mutable_gallery()->set_item_url("https://coder.domain.com/extensions");
  workspace.mutable_gallery()->set_service_url("http://extensions.coder.com/api");
  workspace.set_base_path("/proxy/workspaces/1/ide");
  workspace.set_pinned_backend(v1::BACKEND_KIND_OPENSSH);
  return workspace;
}

google::protobuf::FieldMask Mask(const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  return mask;
}

TEST(WorkspaceDetailsTest, GoesThereAndBack) {
  const absl::StatusOr<WorkspaceDetails> details = ReadWorkspaceDetails(Full());
  ASSERT_TRUE(details.ok()) << details.status();
  v1::Workspace back;
  WriteWorkspaceDetails(*details, back);
  EXPECT_EQ(back.SerializeAsString(), Full().SerializeAsString());
  EXPECT_TRUE(ReadWorkspaceDetails({}).ok()) << "nothing need be said";
}

TEST(WorkspaceDetailsTest, RefusesValuesOfAnotherForm) {
  const auto refused = [](const std::string& field, auto change) {
    v1::Workspace workspace = Full();
    change(workspace);
    const absl::Status status = ReadWorkspaceDetails(workspace).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << field << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("workspace." + field));
  };
  for (const std::string& text : {std::string("a\nB=c"), std::string("a\0", 2), std::string("\x7f"),
                                  std::string(2049, 'a')}) {
    refused("image.uri", [&](auto& w) { w.mutable_image()->set_uri(text); });
    refused("image.tag", [&](auto& w) { w.mutable_image()->set_tag(text); });
    refused("image.digest", [&](auto& w) { w.mutable_image()->set_digest(text); });
    refused("gallery.item_url", [&](auto& w) { w.mutable_gallery()->set_item_url(text); });
    refused("gallery.service_url", [&](auto& w) { w.mutable_gallery()->set_service_url(text); });
    refused("base_path", [&](auto& w) { w.set_base_path(text); });
    refused("base_path", [&](auto& w) { w.set_base_path("/" + text); });
  }
  for (const char* url : {"coder.com", "ftp://a", "https://", "https:///a", "https://a b",
                          "https://a\n", "javascript:alert(1)"}) {
    refused("gallery.item_url", [&](auto& w) { w.mutable_gallery()->set_item_url(url); });
  }
  for (const std::string& digest :
       {std::string("sha256:"), std::string("latest"), "sha256:" + std::string(63, 'a'),
        "sha256:" + std::string(64, 'A'), "sha512:" + std::string(64, 'a'), std::string(64, 'a')}) {
    refused("image.digest", [&](auto& w) { w.mutable_image()->set_digest(digest); });
  }
  refused("pinned_backend", [](auto& w) { w.set_pinned_backend(static_cast<v1::BackendKind>(7)); });
}

TEST(WorkspaceDetailsTest, ReadsWhatTheMaskNames) {
  const absl::StatusOr<WorkspaceChange> one =
      ReadWorkspaceChange(Full(), Mask({"image.tag", "base_path"}));
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->image_tag, "latest");
  EXPECT_EQ(one->base_path, "/proxy/workspaces/1/ide");
  EXPECT_FALSE(one->image_uri.has_value() || one->image_digest.has_value() ||
               one->gallery_item_url.has_value() || one->gallery_service_url.has_value() ||
               one->pinned_backend.has_value());
  const absl::StatusOr<WorkspaceChange> image = ReadWorkspaceChange(Full(), Mask({"image"}));
  EXPECT_TRUE(image->image_uri.has_value() && image->image_tag.has_value() &&
              image->image_digest.has_value() && !image->base_path.has_value());
  for (const auto& mask : {Mask({}), Mask({"*"})}) {
    const absl::StatusOr<WorkspaceChange> all = ReadWorkspaceChange({}, mask);
    EXPECT_EQ(all->image_uri, "") << "what is not said is emptied";
    EXPECT_EQ(all->gallery_service_url, "");
    EXPECT_EQ(all->pinned_backend, BackendPin::kAuto);
  }
}

TEST(WorkspaceDetailsTest, WhatIsNotNamedIsNotChecked) {
  v1::Workspace workspace = Full();
  workspace.set_base_path("no path");
  EXPECT_TRUE(ReadWorkspaceChange(workspace, Mask({"image"})).ok());
  EXPECT_FALSE(ReadWorkspaceChange(workspace, Mask({"base_path"})).ok());
}

TEST(WorkspaceDetailsTest, NamesThePathThatCannotBeChanged) {
  for (const char* path : {"", "name", "agent", "online", "credential", "host_key_change", "imag",
                           "image.", "image.uri.x", "nothing", "Image", "image,base_path"}) {
    const absl::Status status = ReadWorkspaceChange(Full(), Mask({"base_path", path})).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << path;
    EXPECT_THAT(std::string(status.message()), HasSubstr("\"" + std::string(path) + "\""));
  }
}

}  // namespace
}  // namespace homeport
