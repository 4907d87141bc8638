"""Fetches libssh's release, patches it, and gives it our BUILD file.

The tarball comes from the first of these that has it:
  1. the file that HOMEPORT_LIBSSH_TARBALL names (it must be the pinned release);
  2. libssh's own site;
  3. Debian's archive, with apt (fetch-debian-source). When Debian has moved on to a newer 0.12.x,
     that one is taken, and said: apt verified its signature.
"""

_VERSION = "0.12.2"
_SHA256 = "49560f677d96e3706a904ac2de1116e25f3680937d51e5c92198fcba4a1c1e9f"
_URL = "https://www.libssh.org/files/0.12/libssh-%s.tar.xz" % _VERSION

def _sha256(ctx, path):
    result = ctx.execute(["sha256sum", "--", str(path)])
    if result.return_code != 0:
        fail("libssh: cannot read %s: %s" % (path, result.stderr.strip()))
    return result.stdout.split(" ")[0].lstrip("\\")

def _from_environment(ctx):
    """The tarball that the user named, or None."""
    path = ctx.os.environ.get("HOMEPORT_LIBSSH_TARBALL", "")
    if not path:
        return None
    if not ctx.path(path).exists:
        fail("libssh: HOMEPORT_LIBSSH_TARBALL names %s, which does not exist." % path)
    found = _sha256(ctx, path)
    if found != _SHA256:
        fail("libssh: %s (HOMEPORT_LIBSSH_TARBALL) has sha256 %s; libssh %s has %s." %
             (path, found, _VERSION, _SHA256))
    return path

def _from_upstream(ctx):
    """The tarball from libssh's site, or None when that cannot be reached.

    curl and not ctx.download: Bazel would retry an unreachable site for minutes.
    """
    curl = ctx.which("curl")
    if not curl:
        return None
    result = ctx.execute([
        curl,
        "--silent",
        "--show-error",
        "--fail",
        "--location",
        "--proto",
        "=https",
        "--connect-timeout",
        "5",
        "--max-time",
        "60",
        "--output",
        "upstream.tar.xz",
        _URL,
    ], timeout = 70)
    if result.return_code != 0:
        return None
    found = _sha256(ctx, "upstream.tar.xz")
    if found != _SHA256:
        fail("libssh: %s has sha256 %s where %s was pinned; it is not used." %
             (_URL, found, _SHA256))
    return "upstream.tar.xz"

def _from_debian(ctx, script):
    """The tarball from Debian's archive."""
    result = ctx.execute(["bash", script, "debian"], timeout = 300)
    if result.return_code != 0:
        fail(("libssh %s: not given in HOMEPORT_LIBSSH_TARBALL, not to be had from %s, and Debian's " +
              "archive failed:\n%s") % (_VERSION, _URL, result.stderr))
    return "debian/" + result.stdout.strip().split("\n")[-1]

def _patches(ctx):
    """The patches in order. Listed in a file, so that adding one is seen and fetches again."""
    series = ctx.path(Label("//third_party/libssh:patches/series"))
    names = [line for line in ctx.read(series).split("\n") if line]
    found = [p.basename for p in series.dirname.readdir() if p.basename.endswith(".patch")]
    if names != sorted(found):
        fail("libssh: patches/series must name the files patches/*.patch in order; it has\n%s\nfor\n%s" %
             (names, sorted(found)))

    # A label each: editing a patch fetches again.
    return [ctx.path(Label("//third_party/libssh:patches/" + name)) for name in names]

def _apply(ctx, patch):
    result = ctx.execute([
        "patch",
        "--strip=1",
        "--forward",
        "--batch",
        "--fuzz=0",
        "--no-backup-if-mismatch",
        "--reject-file=-",
        "--input=" + str(patch),
    ])
    if result.return_code != 0:
        fail("libssh: the patch %s does not apply:\n%s%s" %
             (patch.basename, result.stdout, result.stderr))

def _libssh_source_impl(ctx):
    # Every label is asked for before the first slow step: Bazel may restart the rule at each.
    build_file = ctx.path(Label("//third_party/libssh:libssh.BUILD"))
    config = ctx.path(Label("//third_party/libssh:config.h"))
    script = ctx.path(Label("//third_party/libssh:fetch-debian-source"))
    patches = _patches(ctx)

    version = _VERSION
    tarball = _from_environment(ctx) or _from_upstream(ctx)
    if not tarball:
        tarball = _from_debian(ctx, script)
        version = tarball.split("/")[-1][len("libssh_"):-len(".orig.tar.xz")]
        found = _sha256(ctx, tarball)
        if version == _VERSION and found != _SHA256:
            fail("libssh: Debian's libssh %s has sha256 %s where %s was pinned; it is not used." %
                 (version, found, _SHA256))
        if version != _VERSION:
            # buildifier: disable=print
            print(("libssh: Debian has moved on from the pinned %s: building %s (sha256 %s), " +
                   "verified by apt. Pin it in third_party/libssh/source.bzl.") %
                  (_VERSION, version, found))

    # tar, because the Bazel of Debian 13 cannot extract: it lacks a Java class.
    unpacked = ctx.execute(["tar", "--extract", "--xz", "--strip-components=1", "--no-same-owner", "--file=" + str(tarball)])
    if unpacked.return_code != 0:
        fail("libssh: cannot unpack the tarball:\n" + unpacked.stderr)
    for left_over in ["upstream.tar.xz", "debian"]:
        ctx.delete(left_over)
    for patch in patches:
        _apply(ctx, patch)

    # What CMake would generate.
    major, minor, micro = version.split(".")
    ctx.template(
        "include/libssh/libssh_version.h",
        "include/libssh/libssh_version.h.cmake",
        substitutions = {
            "@libssh_VERSION_MAJOR@": major,
            "@libssh_VERSION_MINOR@": minor,
            "@libssh_VERSION_PATCH@": micro,
        },
        executable = False,
    )
    ctx.symlink(config, "private/config.h")
    for name in ["BUILD", "WORKSPACE"]:
        ctx.delete(name)
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    ctx.symlink(build_file, "BUILD.bazel")

libssh_source = repository_rule(
    implementation = _libssh_source_impl,
    environ = ["HOMEPORT_LIBSSH_TARBALL"],
    doc = "libssh's pinned release with our patches; the library is @<name>//:ssh.",
)
