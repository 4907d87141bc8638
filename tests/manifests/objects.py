"""Kubernetes objects as k8s/ describes them, rendered and asked for what they say."""

import os
import shutil
import subprocess

import yaml

WORKLOADS = ("Deployment", "StatefulSet")


class NoRenderer(Exception):
    """There is no program here that renders a kustomization."""


def kustomize(folder):
    """All objects of a kustomization."""
    if shutil.which("kustomize"):
        command = ["kustomize", "build", folder]
    elif shutil.which("kubectl"):
        command = ["kubectl", "kustomize", folder]
    else:
        raise NoRenderer("neither kustomize nor kubectl is here")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        # Of before components and labels.
        if "unknown field" in done.stderr:
            raise NoRenderer(f"{command[0]} is too old: {done.stderr.strip()}")
        raise RuntimeError(f"{folder} cannot be rendered: {done.stderr}")
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def find(objects, kind, name):
    """The object of this kind and name; names with a hash of their content are found without it."""
    for one in objects:
        found = one["metadata"]["name"]
        if one["kind"] == kind and (found == name or without_hash(found) == name):
            return one
    raise KeyError(f"{kind} {name}")


def without_hash(name):
    base, _, last = name.rpartition("-")
    return base if len(last) == 10 else name


def of_kind(objects, *kinds):
    return [one for one in objects if one["kind"] in kinds]


def labels_of(workload):
    return workload["spec"]["template"]["metadata"].get("labels", {})


def selects(selector, labels):
    """Whether a selector of equal labels chooses these; an empty one chooses all."""
    wanted = selector.get("matchLabels", {}) if isinstance(selector, dict) else {}
    return all(labels.get(key) == value for key, value in wanted.items())


def containers_of(workload):
    pod = workload["spec"]["template"]["spec"]
    return pod.get("initContainers", []) + pod["containers"]


def ports_of(workload):
    """Named ports of a workload's containers."""
    return {
        port["name"]: port["containerPort"]
        for container in containers_of(workload)
        for port in container.get("ports", [])
    }


def repository():
    return os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
