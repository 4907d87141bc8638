"""Homeport in containers of a private Docker network, as the manifests describe it.

One network is the cluster's, which pods and the balancer are on; another is people's, with their machine and the
balancer's other end. Policies of the network are not enforced: tests/manifests looks at them.
"""

import os
import re
import shutil
import subprocess
import tempfile

from tests.cluster.waiting import Failed, wait_until
from tests.containers.balancer import Balancer
from tests.containers.pod import Pod, docker
from tests.manifests import objects as manifests

_NETWORK = "172.30.211.0/24"
_BALANCER = "172.30.211.2"
_POSTGRES = "172.30.211.3"
# Where pods of a workload may be, by its name; one more than replicas, for the surge.
_FIRST_ADDRESS = {"coordinator": 10, "sshproxy": 20, "slim": 30, "openssh": 40}
_PLACES = 6
_POSTGRES_PROGRAM = """
set -e
programs=$(echo /usr/lib/postgresql/*/bin)
$programs/initdb -D /tmp/db -U homeport --auth=trust >/dev/null
echo "host all all all trust" >>/tmp/db/pg_hba.conf
exec $programs/postgres -D /tmp/db -k /tmp -c listen_addresses='*'
"""
_HTTP = """
import socket, sys
address, port, path = sys.argv[1:]
connection = socket.create_connection((address, int(port)), 2)
connection.sendall(f"GET {path} HTTP/1.0\\r\\n\\r\\n".encode())
got = b""
while True:
  more = connection.recv(65536)
  if not more: break
  got += more
head, _, body = got.decode().partition("\\r\\n\\r\\n")
sys.stdout.write(body)
sys.exit(0 if " 200 " in head.split("\\r\\n")[0] else 1)
"""


class _Sources:
    """What the pods' volumes and environment come from."""

    def __init__(self, objects):
        self._data = {
            (one["kind"], one["metadata"]["name"]): one["data"]
            for one in manifests.of_kind(objects, "ConfigMap")
        }
        self._tokens = {}

    def add(self, kind, name, data):
        self._data[kind, name] = data

    def add_token(self, owner, workspace, token):
        self._tokens[owner, workspace] = token

    def data(self, kind, name):
        return self._data[kind, name]

    def token(self, labels):
        return self._tokens[labels["homeport.dev/owner"], labels["homeport.dev/workspace"]]


class ContainerCluster:
    """`store` names the overlay, `tag` the images. Use as a context manager. Threads: one."""

    front_door = ("homeport.example", 22)
    api = "homeport.example:7443"
    # On people's machine: the command, and the programs of the stories.
    homeport = "/bundle/coder-cli/homeport"
    tools = "/tests"
    home = "/home/coder"
    # No API server here that could say whose a token is.
    has_service_accounts = False

    def __init__(self, store, tag, tools, secrets_of):
        root = manifests.repository()
        self._objects = manifests.kustomize(f"{root}/tests/containers/overlay/{store}")
        self._workspaces = manifests.kustomize(f"{root}/k8s/examples")
        self._store = store
        self._tag = tag
        self._tools = tools
        self._secrets_of = secrets_of
        self._sources = _Sources(self._objects + self._workspaces)
        self._prefix = f"hp{os.getpid()}"
        self._folder = tempfile.mkdtemp(prefix="homeport-containers-")
        os.chmod(self._folder, 0o755)
        self._pods = {}
        self._balancer = None

    def __enter__(self):
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for pod in self._pods.values():
            pod.remove()
        for name in ("laptop", "balancer", "postgres"):
            docker("rm", "--force", self._named(name), check=False)
        for name in ("cluster", "people"):
            docker("network", "rm", self._named(name), check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    # People.

    def laptop(self, *words, check=True, text_in=None, timeout=60):
        """Runs a command where people are."""
        return docker(
            "exec", "--interactive", "--user", "1000:1000", self._named("laptop"), *words,
            check=check, input=text_in, timeout=timeout,
        )  # fmt: skip

    def laptop_command(self, *words):
        """The command on this machine that runs `words` there."""
        return ["docker", "exec", "--interactive", "--user", "1000:1000", self._named("laptop"), *words]

    def laptop_start(self, *words):
        """Starts a command where people are, whose output can be read."""
        return subprocess.Popen(self.laptop_command(*words), stdout=subprocess.PIPE, text=True)

    # Those who look after it.

    @property
    def ca(self):
        return self._sources.data("Secret", "homeport-proxy")["ca.pem"]

    def ready(self, workload):
        return [name for name in self.pods(workload) if self._is_ready(name, self._pods[name])]

    def pods(self, workload):
        return sorted(
            name for name, pod in self._pods.items() if self._workload_of(pod) == workload and pod.running()
        )

    def logs(self, name):
        return self._pods[name].logs()

    def all_logs(self):
        return {name: pod.logs() for name, pod in self._pods.items()}

    def metric(self, name, metric):
        """The sum of a metric at one pod, over its labels."""
        pod = self._pods[name]
        port = manifests.ports_of(pod.workload)["ops"]
        text = self._http(pod, port, "/metrics").stdout
        values = re.findall(rf"^{metric}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        return sum(float(value) for value in values)

    def kill(self, name):
        """As when it crashes, which its kubelet sees at once. Nobody starts it again."""
        self._pods[name].signal("KILL")
        self._balancer.leave_out(name)
        wait_until(f"{name} is dead", lambda: not self._pods[name].running())
        self._pods.pop(name).remove()

    def start_again(self, name):
        """What the workload's controller does after kill()."""
        self._start(name.rsplit("-", 1)[0], int(name.rsplit("-", 1)[1]))
        self._balancer.leave_out(name, out=False)

    def replace(self, name):
        """A rolling update of one replica. A Deployment starts the new one first, a StatefulSet ends the old one
        first. Returns when the new one is ready; a proxy's old one may drain meanwhile: see drained()."""
        workload, index = name.rsplit("-", 1)
        old = self._pods[name]
        if old.workload["kind"] == "Deployment":
            free = next(
                place for place in range(_PLACES) if f"{workload}-{place}" not in self._pods
            )
            self._start(workload, free)
            self._balancer.leave_out(name)
            old.signal("TERM")
            return f"{workload}-{free}"
        self._balancer.leave_out(name)
        old.stop()
        self._pods.pop(name)
        self.start_again(name)
        return name

    def wait_drained(self, name, seconds):
        """Until an old one that replace() told to stop is gone."""
        wait_until(f"{name} has drained", lambda: not self._pods[name].running(), seconds)
        self._balancer.leave_out(name, out=False)
        self._pods.pop(name).remove()

    # Setting up.

    def _named(self, name):
        return f"{self._prefix}-{name}"

    def _image(self, image):
        """Our images with the test's tag; those of workspaces as tests/containers makes them."""
        name = image.partition(":")[0]
        if name.startswith("homeport-"):
            return f"{name}:{self._tag}"
        return {"busybox": "homeport-test-slim:1", "workspace-openssh": self._tools}[name]

    @staticmethod
    def _workload_of(pod):
        return pod.workload["metadata"]["name"]

    def _workload(self, name):
        return next(
            one
            for one in manifests.of_kind(self._objects + self._workspaces, *manifests.WORKLOADS)
            if one["metadata"]["name"] == name
        )

    def _address(self, workload, index):
        return f"172.30.211.{_FIRST_ADDRESS[workload] + index}"

    def _begin(self):
        docker("network", "create", "--internal", "--subnet", _NETWORK, self._named("cluster"))
        docker("network", "create", "--internal", self._named("people"))
        for name, files in self._secrets_of(self._folder).items():
            self._sources.add("Secret", name, files)
        self._sources.add("ConfigMap", "homeport-ca", {"ca.pem": self.ca})
        if self._store == "postgres":
            self._start_postgres()
        places = {
            workload: {f"{workload}-{place}": self._address(workload, place) for place in range(_PLACES)}
            for workload in ("coordinator", "sshproxy")
        }
        self._balancer = Balancer(
            self._named("balancer"), self._tools, self._objects, places, with_proxy_header=("sshproxy",)
        )
        self._balancer.start(self._named("cluster"), _BALANCER, self._named("people"), self._folder)
        self._start_laptop()
        for workload in ("coordinator", "sshproxy"):
            for index in range(self._workload(workload)["spec"]["replicas"]):
                self._start(workload, index)

    def start_workspace(self, name, credential):
        """A pod of the examples, with this in its token's place."""
        labels = manifests.labels_of(self._workload(name))
        self._sources.add_token(labels["homeport.dev/owner"], labels["homeport.dev/workspace"], credential)
        self._start(name, 0)

    def _start(self, workload, index):
        name = f"{workload}-{index}"
        hosts = {"coordinator": _BALANCER, "coordinator.homeport.svc": _BALANCER, "postgres": _POSTGRES}
        pod = Pod(
            self._workload(workload), f"{self._prefix}-{name}", self._address(workload, index),
            self._named("cluster"), hosts, self._folder, self._sources, self._image,
        )  # fmt: skip
        self._pods[name] = pod
        pod.start()
        wait_until(
            lambda: f"{name} is ready\n{pod.logs()}", lambda: self._is_ready(name, pod), seconds=60
        )

    def _is_ready(self, name, pod):
        if not pod.running():
            raise Failed(f"{name} ended:\n{pod.logs()}")
        probe = pod.container.get("readinessProbe", {}).get("httpGet")
        if probe is None:
            return True
        port = manifests.ports_of(pod.workload)[probe["port"]]
        return self._http(pod, port, probe["path"]).returncode == 0

    def _http(self, pod, port, path):
        return docker(
            "exec", self._named("balancer"), "python3", "-c", _HTTP, pod.address, str(port), path, check=False
        )

    def _start_postgres(self):
        name = self._named("postgres")
        docker(
            "run", "--detach", "--name", name, "--network", self._named("cluster"), "--ip", _POSTGRES,
            "--user", "postgres", self._tools, "sh", "-c", _POSTGRES_PROGRAM,
        )  # fmt: skip
        create = ["exec", name, "psql", "-h", "/tmp", "-U", "homeport", "-d", "postgres"]
        create += ["-c", "CREATE DATABASE homeport"]
        wait_until(
            "PostgreSQL has made the database", lambda: docker(*create, check=False).returncode == 0
        )

    def _start_laptop(self):
        home = os.path.join(self._folder, "laptop")
        os.makedirs(home)
        os.chown(home, 1000, 1000)
        tools = f"{manifests.repository()}/tests/cluster"
        bundle = os.path.join(self._folder, "bundle")
        os.makedirs(bundle)
        os.chown(bundle, 65532, 65532)
        docker(
            "run", "--rm", "--network", "none", "--volume", f"{bundle}:/bundle-of-laptop",
            f"homeport-agent-bundle:{self._tag}", "/bundle-of-laptop",
        )  # fmt: skip
        docker(
            "run", "--detach", "--name", self._named("laptop"), "--network", self._named("people"),
            "--hostname", "laptop", "--volume", f"{home}:/home/coder", "--env", "HOME=/home/coder",
            "--volume", f"{tools}:/tests:ro", "--add-host", f"homeport.example:{self._balancer_outside()}",
            "--volume", f"{bundle}:/bundle:ro", self._tools, "sleep", "infinity",
        )  # fmt: skip

    def _balancer_outside(self):
        network = self._named("people")
        form = f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}'
        return docker("inspect", "--format", form, self._named("balancer")).stdout.strip()
