"""Debian's packages as Bazel libraries, with the flags that pkg-config gives on this machine.

Library names inside a package differ between Debian releases (Abseil's most of all), so they are asked for and not
written down. What a static program needs besides is named too: a dynamic one leaves out what it does not use.
"""

def _once(flags):
    # The order does not matter inside a group, and states must not be pushed across its ends.
    return {flag: None for flag in flags if not flag.startswith("-Wl,")}.keys()

def _impl(ctx):
    tool = ctx.which("pkg-config")
    if not tool:
        fail("pkg-config is missing; dev/up installs it")
    build = ["package(default_visibility = [\"//visibility:public\"])"]
    for name, modules in ctx.attr.libraries.items():
        result = ctx.execute([tool, "--static", "--libs"] + modules)
        if result.return_code != 0:
            fail("pkg-config does not know %s; dev/up installs what is missing:\n%s" % (" ".join(modules), result.stderr))
        flags = [flag.strip() for flag in result.stdout.split(" ") if flag.strip()]
        flags = ["-Wl,--push-state,--as-needed,--start-group"] + _once(flags) + ["-Wl,--end-group,--pop-state"]
        build.append("cc_library(name = %r, linkopts = %r)" % (name, flags))
    ctx.file("BUILD.bazel", "\n".join(build) + "\n")

pkg_config_libraries = repository_rule(
    implementation = _impl,
    attrs = {"libraries": attr.string_list_dict(
        doc = "Library name to the pkg-config modules that it stands for.",
        mandatory = True,
    )},
    local = True,
)
