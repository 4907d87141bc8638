"""The Helm chart says what the kustomize overlays say."""

import copy
import json
import shutil
import subprocess
import tempfile
import unittest

import yaml

from tests.manifests import objects as manifests
from tests.manifests.chart import Chart

ROOT = manifests.repository()
CHART = f"{ROOT}/k8s/helm/homeport"
# The chart's kustomizations, by what values stand for them.
SAME = {
    "sqlite": {"store": "sqlite"},
    "postgres": {"store": "postgres"},
}
# Helm's own, and what only one of the two can say.
_LABELS_OF_HELM = ("app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart")


def _facts(objects):
    """The objects by kind and name, without what only the renderer adds."""
    facts = {}
    for one in copy.deepcopy(objects):
        # The chart's namespace is made by helm install --create-namespace.
        if one["kind"] == "Namespace":
            continue
        labels = one["metadata"].get("labels", {})
        for label in _LABELS_OF_HELM:
            labels.pop(label, None)
        name = one["metadata"]["name"]
        if one["kind"] == "ConfigMap":
            name = manifests.find(objects, "ConfigMap", name)["metadata"]["name"]
            name = manifests.without_hash(name)
            one["metadata"]["name"] = name
            one["metadata"].pop("annotations", None)
        if one["kind"] in manifests.WORKLOADS:
            _plain_workload(one["spec"]["template"])
        facts[one["kind"], name] = one
    return facts


def _plain_workload(template):
    annotations = template["metadata"].get("annotations", {})
    annotations.pop("checksum/config", None)
    if not annotations:
        template["metadata"].pop("annotations", None)
    for container in template["spec"]["containers"]:
        container.pop("imagePullPolicy", None)
        for source in container.get("envFrom", []):
            name = source["configMapRef"]["name"]
            source["configMapRef"]["name"] = manifests.without_hash(name)
        container["env"].sort(key=lambda entry: entry["name"])
        container["volumeMounts"].sort(key=lambda mount: mount["name"])
    template["spec"]["volumes"].sort(key=lambda volume: volume["name"])


class ChartTest(unittest.TestCase):
    maxDiff = 4000

    def _same(self, overlay, rendered):
        wanted, got = _facts(overlay), _facts(rendered)
        self.assertEqual(sorted(wanted), sorted(got))
        for key, one in wanted.items():
            self.assertEqual(one, got[key], key)

    def test_both_stores(self):
        for overlay, values in SAME.items():
            with self.subTest(overlay=overlay):
                rendered = Chart(CHART).render("homeport", values)
                self._same(manifests.kustomize(f"{ROOT}/k8s/overlays/{overlay}"), rendered)

    def test_components_and_workspaces(self):
        values = {"publicApi": True, "monitoring": True, "workspaceNamespaces": ["workspaces"]}
        rendered = Chart(CHART).render("homeport", values)
        overlay = manifests.kustomize(f"{ROOT}/tests/manifests/everything")
        self._same(overlay + manifests.kustomize(f"{ROOT}/k8s/workspaces"), rendered)

    def test_another_namespace_is_named_everywhere(self):
        values = {"publicApi": True, "monitoring": True, "workspaceNamespaces": ["one", "two"]}
        rendered = Chart(CHART).render("gate", values)
        policies = manifests.of_kind(rendered, "NetworkPolicy")
        self.assertNotIn('"namespace": "homeport"', json.dumps(rendered))
        self.assertNotIn('metadata.name": "homeport"', json.dumps(policies))

    def test_values_reach_the_pods(self):
        values = {
            "image": {"registry": "registry.example/", "tag": "v9", "pullPolicy": "Always"},
            "imagePullSecrets": [{"name": "pull"}],
        }
        rendered = Chart(CHART).render("homeport", values)
        for workload in manifests.of_kind(rendered, *manifests.WORKLOADS):
            pod = workload["spec"]["template"]["spec"]
            name = workload["metadata"]["name"]
            self.assertEqual(pod["containers"][0]["image"], f"registry.example/homeport-{name}:v9")
            self.assertEqual(pod["imagePullSecrets"], [{"name": "pull"}])

    @unittest.skipUnless(shutil.which("helm"), "helm is not here; chart.py stands in for it")
    def test_helm_itself_renders_the_same(self):
        every = {"publicApi": True, "monitoring": True, "workspaceNamespaces": ["a", "b"]}
        every.update({"imagePullSecrets": [{"name": "pull"}], "store": "postgres"})
        every["frontDoor"] = {"type": "NodePort", "port": 22, "annotations": {"a": "b"}}
        every["frontDoor"]["proxyProtocolFrom"] = "10.0.0.0/8"
        for values in (*SAME.values(), every):
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump(values, file)
                file.flush()
                command = ["helm", "template", "homeport", CHART, "--namespace", "homeport"]
                command += ["--values", file.name, "--kube-version", "1.30.0"]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            theirs = [one for one in yaml.safe_load_all(done.stdout) if one]
            ours = Chart(CHART).render("homeport", values)
            order = lambda one: (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])
            for one in ours + theirs:
                if one["kind"] in manifests.WORKLOADS:
                    one["spec"]["template"]["metadata"].pop("annotations")
            self.assertEqual(sorted(ours, key=order), sorted(theirs, key=order))


if __name__ == "__main__":
    unittest.main()
