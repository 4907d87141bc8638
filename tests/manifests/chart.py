"""Renders the Helm chart where there is no helm.

It knows what k8s/helm/homeport uses of Go's templates and of Helm's functions, and fails at anything else: a
chart that needs more is a chart that this file has to learn. Where helm is on PATH, manifests_test.py
compares the two.
"""

import hashlib
import json
import os
import re

import yaml

_ACTION = re.compile(r"\{\{(-)?\s*(.*?)\s*(-)?\}\}", re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\(|\)|\||:=|,|[^\s()|,]+')


class ChartError(Exception):
    """What the chart says that this file does not know."""


def _quote(value):
    return json.dumps("" if value is None else str(value), ensure_ascii=False)


def _indent(text, width):
    return "\n".join(" " * width + line for line in text.split("\n"))


def _to_yaml(value):
    return yaml.safe_dump(value, default_flow_style=False).rstrip("\n")


# What comes through a pipe is the last argument.
_FUNCTIONS = {
    "quote": _quote,
    "default": lambda fallback, value: value or fallback,
    "toYaml": _to_yaml,
    "nindent": lambda width, text: "\n" + _indent(text, int(width)),
    "sha256sum": lambda text: hashlib.sha256(text.encode()).hexdigest(),
    "eq": lambda one, other: one == other,
    "printf": lambda form, *values: form % values,
    "replace": lambda old, new, text: text.replace(old, new),
}


def _parse(text):
    """The template as nodes: ("text", s), ("print", s), ("if", s, then, else), ("range", s, body), …"""
    pieces, end = [], 0
    for match in _ACTION.finditer(text):
        before = text[end : match.start()]
        if pieces and pieces[-1][0] == "trim":
            pieces.pop()
            before = before.lstrip()
        pieces.append(("text", before.rstrip() if match.group(1) else before))
        pieces.append(("action", match.group(2)))
        if match.group(3):
            pieces.append(("trim", ""))
        end = match.end()
    rest = text[end:]
    if pieces and pieces[-1][0] == "trim":
        pieces.pop()
        rest = rest.lstrip()
    pieces.append(("text", rest))
    nodes, left = _block(pieces, 0)
    if left != len(pieces):
        raise ChartError("an {{ end }} too many")
    return nodes


def _block(pieces, at):
    nodes = []
    while at < len(pieces):
        kind, content = pieces[at]
        at += 1
        if kind == "text":
            nodes.append(("text", content))
            continue
        word, _, rest = content.partition(" ")
        if word in ("end", "else"):
            return nodes, at - 1
        if word in ("if", "range", "define"):
            body, at = _block(pieces, at)
            otherwise = []
            if pieces[at][1] == "else":
                otherwise, at = _block(pieces, at + 1)
            at += 1
            nodes.append((word, rest, body, otherwise))
        else:
            nodes.append(("print", content))
    return nodes, at


class Chart:
    """A chart's folder. Threads: any one at a time."""

    def __init__(self, folder):
        self._folder = folder
        with open(os.path.join(folder, "Chart.yaml"), encoding="utf-8") as file:
            about = yaml.safe_load(file)
        self._chart = {"Name": about["name"], "Version": about["version"], "AppVersion": about["appVersion"]}
        with open(os.path.join(folder, "values.yaml"), encoding="utf-8") as file:
            self._values = yaml.safe_load(file)
        self._defined, self._templates = {}, {}
        templates = os.path.join(folder, "templates")
        for name in sorted(os.listdir(templates)):
            with open(os.path.join(templates, name), encoding="utf-8") as file:
                nodes = _parse(file.read())
            for node in nodes:
                if node[0] == "define":
                    self._defined[node[1].strip('"')] = node[2]
            if name.endswith(".yaml"):
                self._templates[name] = nodes

    def render(self, namespace, values):
        """All objects, with `values` (top-level) in place of the chart's own."""
        root = {
            "Values": {**self._values, **values},
            "Chart": self._chart,
            "Release": {"Name": "homeport", "Namespace": namespace, "Service": "Helm"},
        }
        objects = []
        for name, nodes in self._templates.items():
            text = self._run(nodes, root, {"$": root})
            try:
                objects += [object for object in yaml.safe_load_all(text) if object]
            except yaml.YAMLError as error:
                raise ChartError(f"{name} renders to no YAML: {error}") from error
        return objects

    def _run(self, nodes, dot, variables):
        out = []
        for node in nodes:
            if node[0] == "text":
                out.append(node[1])
            elif node[0] == "print":
                out.append(str(self._evaluate(node[1], dot, variables)))
            elif node[0] == "if":
                chosen = node[2] if self._evaluate(node[1], dot, variables) else node[3]
                out.append(self._run(chosen, dot, variables))
            elif node[0] == "range":
                out.append(self._range(node, dot, variables))
        return "".join(out)

    def _range(self, node, dot, variables):
        names, _, source = node[1].partition(":=")
        names = [name.strip() for name in names.split(",")]
        items = self._evaluate(source, dot, variables)
        if isinstance(items, dict):
            items = sorted(items.items())
        else:
            items = list(enumerate(items))
        out = []
        for key, value in items:
            bound = dict(zip(names, (key, value) if len(names) == 2 else (value,)))
            out.append(self._run(node[2], value, {**variables, **bound}))
        return "".join(out)

    def _evaluate(self, expression, dot, variables):
        tokens = _TOKEN.findall(expression)
        value, left = self._pipeline(tokens, 0, dot, variables)
        if left != len(tokens):
            raise ChartError(f"cannot read {{{{ {expression} }}}}")
        return value

    def _pipeline(self, tokens, at, dot, variables):
        piped, first = (), True
        while first or (at < len(tokens) and tokens[at] == "|"):
            at += 0 if first else 1
            first = False
            words = []
            while at < len(tokens) and tokens[at] not in ("|", ")"):
                if tokens[at] == "(":
                    value, at = self._pipeline(tokens, at + 1, dot, variables)
                    words.append(("value", value))
                else:
                    words.append(("word", tokens[at]))
                at += 1
            piped = (self._call(words, piped, dot, variables),)
        return piped[0], at

    def _call(self, words, piped, dot, variables):
        name = words[0][1] if words[0][0] == "word" else None
        arguments = [self._operand(word, dot, variables) for word in words[1:]] + list(piped)
        if name == "include":
            return self._run(self._defined[arguments[0]], arguments[1], {"$": variables["$"]})
        if name == ".Files.Get":
            with open(os.path.join(self._folder, arguments[0]), encoding="utf-8") as file:
                return file.read()
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](*arguments)
        if arguments:
            raise ChartError(f"the function {name} is not known here")
        return self._operand(words[0], dot, variables)

    @staticmethod
    def _operand(word, dot, variables):
        kind, text = word
        if kind == "value":
            return text
        if text.startswith('"'):
            return json.loads(text)
        if text.isdigit():
            return int(text)
        if text.startswith("$"):
            base, _, path = text.partition(".")
            value = variables[base]
        elif text.startswith("."):
            value, path = dot, text[1:]
        else:
            raise ChartError(f"{text} is not known here")
        for part in filter(None, path.split(".")):
            value = value[part]
        return value
