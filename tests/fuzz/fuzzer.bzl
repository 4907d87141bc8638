"""Fuzzers that are tests too."""

def homeport_fuzzer(name, deps):
    """A fuzzer from `name`.cc with the seeds in corpus/`name`/.

    Without further ado it is a test that runs over its corpus. With --config=fuzz the binary is a libFuzzer: give it the corpus
    folder and a time. What crashed it joins the corpus.

    Args:
      name: of the fuzzer; its source is `name`.cc.
      deps: what it needs.
    """
    corpus = native.glob(["corpus/" + name + "/*"])
    native.cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"] + select({
            "//tests/fuzz:libfuzzer": [],
            "//conditions:default": ["run_corpus.cc"],
        }),
        args = ["$(location " + seed + ")" for seed in corpus],
        data = corpus,
        linkopts = select({
            "//tests/fuzz:libfuzzer": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps,
    )
