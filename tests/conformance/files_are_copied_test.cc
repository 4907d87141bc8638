// Files come and go by every means that people have for it over ssh, whole, with their modes, times
// and links, and every one of them ends with status 0.
#include "gmock/gmock.h"
#include "tests/conformance/both_backends.h"

namespace homeport::story {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// Shell functions: `tree NAME` makes a folder with all sorts of files, `list NAME` prints what
// copies must have in common.
constexpr char kTree[] = R"sh(
tree() {
  mkdir -p "$1/sub/deep" "$1/none"
  head -c 3000000 /dev/urandom >"$1/big"
  : >"$1/empty"
  echo text >"$1/sub/with spaces and ' quotes"
  printf '#!/bin/sh\n' >"$1/sub/deep/run"
  chmod 640 "$1/big"; chmod 755 "$1/sub/deep/run"; chmod 750 "$1/sub"
  touch -d '2001-02-03 04:05:06' "$1/big" "$1/sub/deep/run"
}
links() {
  ln -s big "$1/link"; ln -s nowhere "$1/sub/dangling"; ln "$1/big" "$1/sub/hard"
}
list() { (cd "$1" && find . -type f -printf '%p %m %s %TY-%Tm-%Td %TH:%TM ' \
  -exec md5sum {} \; -o -type l -printf '%p -> %l\n' -o -printf '%p %m %y\n' | sort); }
same() { diff <(list "$1") <(list "$2"); }
)sh";

class FilesAreCopied : public BothBackends {
 protected:
  void ExpectSuccess(const std::string& script) {
    const Result result = Bash(kTree + script);
    EXPECT_EQ(result.status, 0) << result.out << result.err;
  }
  // Commands of sftp's; what it printed.
  Result Sftp(const std::string& commands) {
    return Bash("sftp $OPTIONS -b - $WS", "cd " + Path("") + "\nlcd " + Path("") + "\n" + commands);
  }
};
HOMEPORT_STORY_OF_BOTH(FilesAreCopied);

TEST_P(FilesAreCopied, ByScp) {
  ExpectSuccess(R"sh(
    tree from
    scp -q -r -p $OPTIONS from "$WS:$DIR/up"
    same from up
    scp -q -r -p $OPTIONS "$WS:$DIR/up" down
    same from down)sh");
}

TEST_P(FilesAreCopied, ByScpOfTheOldProtocol) {
  ExpectSuccess(R"sh(
    tree from
    scp -O -q -r -p $OPTIONS from "$WS:$DIR/up"
    same from up
    scp -O -q -r -p $OPTIONS "$WS:$DIR/up" down
    same from down)sh");
}

TEST_P(FilesAreCopied, ByScpWhichSaysWhatItCannotCopy) {
  for (const char* mode : {"", "-O "}) {
    const Result result =
        Bash(std::string("scp ") + mode + "-q $OPTIONS \"$WS:$DIR/not-there\" here");
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("No such file or directory"));
  }
}

TEST_P(FilesAreCopied, BySftp) {
  ExpectSuccess("tree from");
  const Result result = Sftp("put -R -p from up\nget -R -p up down\n");
  EXPECT_EQ(result.status, 0) << result.err;
  ExpectSuccess("same from up; same from down");
}

TEST_P(FilesAreCopied, BySftpInSeveralGoes) {
  ExpectSuccess("head -c 5000000 /dev/urandom >big; head -c 1234567 big >up; cp up down");
  const Result result = Sftp("reput big up\nreget big down\n");
  EXPECT_EQ(result.status, 0) << result.err;
  ExpectSuccess("cmp big up; cmp big down");
}

TEST_P(FilesAreCopied, AndSftpDoesAllItsOtherThings) {
  ExpectSuccess("echo one >a; echo two >b; echo three >c; mkdir full; touch full/x");
  const Result result = Sftp(R"sh(chmod 600 a
symlink a sym
ln a hard
rename a b
mkdir made
rename c made/c
rmdir made/../full/nothing-here
)sh");
  EXPECT_NE(result.status, 0) << "a batch ends at what fails";
  EXPECT_THAT(result.err, HasSubstr("nothing-here"));
  ExpectSuccess(R"sh(
    test "$(cat b)" = one; test "$(stat -c %a b)" = 600; test ! -e a
    test "$(readlink sym)" = a; test b -ef hard; test "$(cat made/c)" = three)sh");
  const Result more = Sftp(
      "df -h\nls -l b\nls -1\n-rmdir full\n-rename -l b hard\nrm made/c\n"
      "rmdir made\npwd\n");
  EXPECT_EQ(more.status, 0) << more.err;
  EXPECT_THAT(more.out, HasSubstr("Size"));
  EXPECT_THAT(more.out, ContainsRegex("-rw------- +(\\?|2) root +root +4 "));
  EXPECT_THAT(more.out, HasSubstr("Remote working directory: " + Path("").substr(0, 10)));
  ExpectSuccess("test -e full/x; test -e b; test -e hard; test ! -e made");
  EXPECT_THAT(more.err, HasSubstr("Failure")) << "a folder in use, and a name that is taken";
}

TEST_P(FilesAreCopied, AndSftpTakesAnyName) {
  ExpectSuccess(R"sh(mkdir from; echo x >"from/new
line"; echo y >$'from/\xff\xfe'; echo z >'from/-dash * ? [x]'; echo w >from/$(printf %0250d 0))sh");
  const Result result = Sftp("put -R from up\nget -R up down\n");
  EXPECT_EQ(result.status, 0) << result.err;
  ExpectSuccess("diff -r from up; diff -r from down; test $(ls -b down | wc -l) = 4");
}

TEST_P(FilesAreCopied, BySftpInHundreds) {
  ExpectSuccess("mkdir from; for ((i = 0; i < 500; i++)); do echo $i >from/$i; done");
  const Result result = Sftp("put -R from up\nget -R up down\n");
  EXPECT_EQ(result.status, 0) << result.err;
  ExpectSuccess("diff -r from up; diff -r from down");
}

TEST_P(FilesAreCopied, ByRsync) {
  ExpectSuccess(R"sh(
    tree from; links from
    rsync -aH -e "$SSH" from/ "$WS:$DIR/up/"
    same from up
    test up/big -ef up/sub/hard
    again=$(rsync -aH -i -e "$SSH" from/ "$WS:$DIR/up/")
    test -z "$again"
    rm from/empty; echo more >>from/big
    rsync -aH --delete -e "$SSH" from/ "$WS:$DIR/up/"
    same from up
    rsync -aHz -e "$SSH" "$WS:$DIR/up/" down/
    same from down)sh");
}

TEST_P(FilesAreCopied, ByTar) {
  ExpectSuccess(R"sh(
    tree from; links from; mkdir up down
    tar -C from -cf - . | $SSH $WS "tar -C $DIR/up -xpf -"
    same from up
    $SSH $WS "tar -C $DIR/up -cf - ." | tar -C down -xpf -
    same from down)sh");
}

TEST_P(FilesAreCopied, ByGit) {
  ExpectSuccess(R"sh(
    export GIT_SSH_COMMAND=$SSH GIT_CONFIG_GLOBAL=/dev/null
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
    git init -q --bare -b main there.git
    git clone -q "$WS:$DIR/there.git" one
    tree one/tree; rmdir one/tree/none # git keeps no empty folders
    git -C one checkout -q -B main
    git -C one add -A; git -C one commit -qm one; git -C one push -q -u origin main
    git clone -q "ssh://$WS$DIR/there.git" two
    diff -r -x .git one two
    echo more >two/more; git -C two add -A; git -C two commit -qm two; git -C two push -q
    git -C one pull -q
    test -e one/more
    git -C there.git fsck --strict)sh");
}

}  // namespace
}  // namespace homeport::story
