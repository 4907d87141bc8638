"""Alerts, dashboard and docs/operations.md speak of the metrics that the programs export."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from tests.manifests import objects as manifests

ROOT = manifests.repository()
PROMTOOL = os.environ.get("HOMEPORT_PROMTOOL", "")
_SUFFIXES = ("_bucket", "_sum", "_count")


def _read(name):
    with open(f"{ROOT}/{name}", encoding="utf-8") as file:
        return file.read()


def _exported():
    """The metrics' names, which stand in the services' *_metrics.cc."""
    names = set()
    for folder in ("coordinator", "sshproxy", "rpc"):
        for place, _, files in os.walk(f"{ROOT}/{folder}"):
            for file in files:
                if file.endswith("_metrics.cc"):
                    text = _read(os.path.relpath(os.path.join(place, file), ROOT))
                    names |= set(re.findall(r'"(homeport_[a-z_]+)"', text))
    return names


def _named(text):
    names = set(re.findall(r"\bhomeport_[a-z_]+", text)) - {"homeport_"}
    return {next((n[: -len(s)] for s in _SUFFIXES if n.endswith(s)), n) for n in names}


def _rules():
    objects = manifests.kustomize(f"{ROOT}/tests/manifests/everything")
    return manifests.find(objects, "PrometheusRule", "homeport")["spec"]


def _alerts():
    return [rule for group in _rules()["groups"] for rule in group["rules"]]


class AlertsTest(unittest.TestCase):
    def test_alerts_ask_for_metrics_that_are_exported(self):
        for alert in _alerts():
            self.assertLessEqual(_named(alert["expr"]), _exported(), alert["alert"])

    def test_the_dashboard_asks_for_metrics_that_are_exported(self):
        dashboard = json.loads(_read("k8s/components/monitoring/homeport.json"))
        expressions = [t["expr"] for p in dashboard["panels"] for t in p.get("targets", [])]
        self.assertLessEqual(_named(" ".join(expressions)), _exported())

    def test_operations_explains_each_metric_and_no_other(self):
        explained = set(re.findall(r"^\| `(homeport_[a-z_]+)`", _read("docs/operations.md"), re.MULTILINE))
        self.assertEqual(explained, _exported())

    def test_operations_explains_each_alert_and_no_other(self):
        explained = re.findall(r"^\| `(Homeport[A-Za-z]+)`", _read("docs/operations.md"), re.MULTILINE)
        self.assertEqual(sorted(explained), sorted(alert["alert"] for alert in _alerts()))

    def test_what_wakes_somebody_has_a_page_in_the_runbook(self):
        headings = _read("docs/operations.md")
        for alert in _alerts():
            if alert["labels"]["severity"] == "page":
                self.assertRegex(headings, rf"(?m)^### .*{alert['alert']}", alert["alert"])

    @unittest.skipUnless(PROMTOOL, "there is no promtool")
    def test_each_alert_fires_when_it_should(self):
        unit = _read("tests/manifests/alerts_unit.yaml")
        for alert in _alerts():
            self.assertGreaterEqual(unit.count(alert["alert"]), 2, alert["alert"])
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/rules.yaml", "w", encoding="utf-8") as file:
                yaml.safe_dump(_rules(), file)
            shutil.copy(f"{ROOT}/tests/manifests/alerts_unit.yaml", f"{folder}/unit.yaml")
            for command in (["check", "rules", "rules.yaml"], ["test", "rules", "unit.yaml"]):
                done = subprocess.run(
                    [PROMTOOL, *command], cwd=folder, capture_output=True, text=True, check=False
                )
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
