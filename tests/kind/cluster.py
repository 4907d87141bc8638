"""Homeport in a Kubernetes cluster, for the stories of tests/cluster. Their people are on this machine."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request

from tests.cluster.waiting import wait_until
from tests.manifests import objects as manifests

_OURS, _WORKSPACES = "homeport", "workspaces"


class KindCluster:
    """`context` is kubectl's; `homeport` the command, `door` and `api` host and port that lead to the Services.

    Use as a context manager. Threads: one.
    """

    has_service_accounts = True
    tools = os.path.join(manifests.repository(), "tests", "cluster")

    def __init__(self, context, homeport, door, api, ca):
        self._context = context
        self.homeport = homeport
        self.front_door = door
        self.api = api
        self.ca = ca
        self.home = tempfile.mkdtemp(prefix="homeport-kind-")
        self._cordoned = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for node in self._cordoned:
            self.kubectl("uncordon", node, check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def kubectl(self, *words, check=True, timeout=180, text_in=None):
        done = subprocess.run(
            ["kubectl", "--context", self._context, *words],
            capture_output=True, text=True, check=False, timeout=timeout, input=text_in,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(words[:3])} …: {done.stderr.strip()}")
        return done

    # People.

    def laptop(self, *words, check=True, text_in=None, timeout=60):
        done = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=timeout, input=text_in,
            env={**os.environ, "HOME": self.home},
        )  # fmt: skip
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(words[:2])} …: {done.stderr.strip()}")
        return done

    def laptop_command(self, *words):
        return ["env", f"HOME={self.home}", *words]

    def laptop_start(self, *words):
        return subprocess.Popen(self.laptop_command(*words), stdout=subprocess.PIPE, text=True)

    # Those who look after it.

    def pods(self, workload):
        """Names of the pods whose container runs, those that drain included."""
        return sorted(
            pod["metadata"]["name"]
            for pod in self._pods(workload)
            if any("running" in one["state"] for one in pod["status"].get("containerStatuses", []))
        )

    def ready(self, workload):
        return sorted(
            pod["metadata"]["name"]
            for pod in self._pods(workload)
            if "deletionTimestamp" not in pod["metadata"]
            and any(
                one["type"] == "Ready" and one["status"] == "True"
                for one in pod["status"].get("conditions", [])
            )
        )

    def logs(self, name):
        return self.kubectl("logs", "--namespace", _OURS, name).stdout

    def metric(self, name, metric):
        """The sum of a metric at one pod, over its labels."""
        port = 7444 if name.startswith("coordinator") else 7446
        # Not by the API server's proxy: policies let only Prometheus come from outside of the pod.
        with subprocess.Popen(
            ["kubectl", "--context", self._context, "port-forward", "--namespace", _OURS, name, f":{port}"],
            stdout=subprocess.PIPE, text=True,
        ) as forward:  # fmt: skip
            try:
                address = re.search(r"127\.0\.0\.1:\d+", forward.stdout.readline()).group(0)
                with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
                    text = answer.read().decode()
            finally:
                forward.terminate()
        values = re.findall(rf"^{metric}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        return sum(float(value) for value in values)

    def kill(self, name):
        self.kubectl("delete", "pod", "--namespace", _OURS, name, "--grace-period=0", "--force")

    def start_again(self, name):
        """The controller has; this waits for it."""
        workload = self._workload_of(name)
        wanted = self._replicas(workload)
        wait_until(f"{workload} is whole again", lambda: len(self.ready(workload)) >= wanted, 180)

    def replace(self, name):
        """A rolling update of all replicas at once would be Kubernetes' own way; this one is asked of one pod."""
        workload = self._workload_of(name)
        before = set(self.ready(workload))
        self.kubectl("delete", "pod", "--namespace", _OURS, name, "--wait=false")
        wanted = self._replicas(workload)
        wait_until(
            f"{name} has a successor",
            lambda: len(self.ready(workload)) >= wanted and self._is_new(workload, name, before),
            180,
        )

    def wait_drained(self, name, seconds):
        wait_until(f"{name} has drained", lambda: name not in self.pods("sshproxy"), seconds + 30)

    def restart(self, workload):
        """Kubernetes' own rolling restart, to its end."""
        kind = "deployment" if workload == "sshproxy" else "statefulset"
        self.kubectl("rollout", "restart", "--namespace", _OURS, f"{kind}/{workload}")
        self.kubectl(
            "rollout", "status", "--namespace", _OURS, f"{kind}/{workload}", "--timeout=300s", timeout=320
        )

    def node_of(self, name):
        pod = json.loads(self.kubectl("get", "pod", "--namespace", _OURS, name, "--output", "json").stdout)
        return pod["spec"]["nodeName"]

    def drain_node(self, node):
        """Starts to; pods with sessions take their time. Returns the command that is under way."""
        self._cordoned.add(node)
        return subprocess.Popen(
            ["kubectl", "--context", self._context, "drain", node, "--ignore-daemonsets"]
            + ["--delete-emptydir-data", "--pod-selector=app.kubernetes.io/part-of=homeport"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def wait_for_workspaces(self):
        for name in ("slim", "openssh"):
            self.kubectl(
                "rollout", "status", "--namespace", _WORKSPACES, f"statefulset/{name}", "--timeout=180s",
                timeout=200,
            )  # fmt: skip

    def _pods(self, workload):
        text = self.kubectl(
            "get", "pods", "--namespace", _OURS, "--selector", f"app.kubernetes.io/name={workload}",
            "--output", "json",
        ).stdout  # fmt: skip
        return json.loads(text)["items"]

    def _replicas(self, workload):
        kind = "deployment" if workload == "sshproxy" else "statefulset"
        text = self.kubectl("get", kind, "--namespace", _OURS, workload, "--output", "json").stdout
        return json.loads(text)["spec"]["replicas"]

    def _is_new(self, workload, name, before):
        if workload == "sshproxy":
            return name not in self.ready(workload) and set(self.ready(workload)) != before
        return name in self.ready(workload)

    @staticmethod
    def _workload_of(name):
        return name.split("-")[0]
