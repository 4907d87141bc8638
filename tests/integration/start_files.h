// The start files of the account that runs the tests (~/.bashrc and the like), out of the way.
//
// Every shell of a story would read them, hundreds at a time, and some are ended in the middle:
// what they print, how long they take and what they leave behind is no concern of the tests, and a
// test must not harm it.
#ifndef HOMEPORT_TESTS_INTEGRATION_START_FILES_H_
#define HOMEPORT_TESTS_INTEGRATION_START_FILES_H_

namespace homeport::story {

// From now on this thread, threads and processes that it starts see those files empty; nobody else
// does. Takes the right to mount: without it nothing happens, and tests bear the files.
void HideStartFiles();

}  // namespace homeport::story

#endif  // HOMEPORT_TESTS_INTEGRATION_START_FILES_H_
