// libpq's header, where Debian has it.
#include <postgresql/libpq-fe.h>  // IWYU pragma: export
