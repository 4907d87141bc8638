// The version of all programs.
#ifndef HOMEPORT_BASE_VERSION_H_
#define HOMEPORT_BASE_VERSION_H_

namespace homeport {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace homeport

#endif  // HOMEPORT_BASE_VERSION_H_
