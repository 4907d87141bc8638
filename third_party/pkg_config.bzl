"""Debian's packages as Bazel libraries, with the flags that pkg-config gives on this machine.

Library names inside a package differ between Debian releases (Abseil's most of all), so they are asked for and not
written down. What static programs need besides is named too; dynamic ones leave that out.
"""

def _flags(ctx, tool, modules, options):
    result = ctx.execute([tool, "--libs"] + options + modules)
    if result.return_code != 0:
        fail("pkg-config does not know %s; dev/up installs what is missing:\n%s" % (" ".join(modules), result.stderr))

    # Each once. Abseil's own states of the linker are left out: the order does not matter inside a group.
    flags = [flag.strip() for flag in result.stdout.split(" ")]
    return {flag: None for flag in flags if flag and not flag.startswith("-Wl,")}.keys()

def _impl(ctx):
    tool = ctx.which("pkg-config")
    if not tool:
        fail("pkg-config is missing; dev/up installs it")
    build = ["package(default_visibility = [\"//visibility:public\"])"]
    for name, modules in ctx.attr.libraries.items():
        shared = _flags(ctx, tool, modules, [])
        static = _flags(ctx, tool, modules, ["--static"])
        flags = (["-Wl,--push-state,--no-as-needed"] + shared + ["-Wl,--as-needed,--start-group"] + static +
                 ["-Wl,--end-group,--pop-state"])
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
