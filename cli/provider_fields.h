// The options of `providers create` and `providers update` that say what a provider is and lets
// people do.
//
// Threads: one.
#ifndef HOMEPORT_CLI_PROVIDER_FIELDS_H_
#define HOMEPORT_CLI_PROVIDER_FIELDS_H_

#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "cli/table.h"
#include "google/protobuf/field_mask.pb.h"
#include "proto/homeport/v1/provider.pb.h"

namespace homeport {

class ProviderFields {
 public:
  // This outlives the parsing of `command`.
  void AddOptions(CLI::App& command, const char* display_name_help);

  // Whether the command line has none of them.
  bool empty() const { return values_.empty(); }
  // Puts what the command line says into the provider; the answer is the paths of these fields.
  google::protobuf::FieldMask Apply(v1::Provider& provider) const;

 private:
  std::map<std::string, std::string> values_;  // by path
};

// One row for each switch that the coordinator said, "on" or "off".
void AddFeatureRows(Table& table, const v1::ProviderFeatures& features);
// "all on", or those that are off.
std::string FeaturesText(const v1::ProviderFeatures& features);

}  // namespace homeport

#endif  // HOMEPORT_CLI_PROVIDER_FIELDS_H_
