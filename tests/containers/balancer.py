"""The cluster's Services as one HAProxy: what has an address of its own there has a port of this container.

Like a Service it sends nobody to a pod that is not ready, by the pods' own readiness probes, and like a load
balancer at the front door it says by the PROXY protocol who comes.
"""

from tests.containers.pod import docker
from tests.manifests import objects as manifests

_HEAD = """global
  stats socket /tmp/haproxy.sock mode 600 level admin
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
  retries 3
  option redispatch
"""

_INTERVAL_MS = 200
_DISABLE = """
import socket, sys
admin = socket.socket(socket.AF_UNIX)
admin.connect("/tmp/haproxy.sock")
admin.sendall((";".join(sys.argv[1:]) + "\\n").encode())
answer = admin.recv(4096).decode().strip()
sys.exit(answer or 0)
"""


class Balancer:
    """`places` are the addresses that pods of each workload can have, {workload's name: {pod: address}}."""

    def __init__(self, name, image, objects, places, with_proxy_header):
        self.name = name
        self._image = image
        self._servers = []
        text = [_HEAD]
        for service in manifests.of_kind(objects, "Service"):
            # Headless ones have no address.
            if service["spec"].get("clusterIP") != "None":
                text += self._front(service, objects, places, with_proxy_header)
        self._configuration = "\n".join(text) + "\n"

    def _front(self, service, objects, places, with_proxy_header):
        name = service["metadata"]["name"]
        workload = next(
            one
            for one in manifests.of_kind(objects, *manifests.WORKLOADS)
            if manifests.selects({"matchLabels": service["spec"]["selector"]}, manifests.labels_of(one))
        )
        port = service["spec"]["ports"][0]
        ports = manifests.ports_of(workload)
        probe = workload["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
        # As long as the kubelet would take to call it not ready.
        patience = probe["periodSeconds"] * probe["failureThreshold"] * 1000 // _INTERVAL_MS
        header = "send-proxy-v2" if name in with_proxy_header else ""
        # Two Services of the same pods at the same port are one here.
        if any(one == port["port"] for one, _, _ in self._servers):
            return []
        lines = [
            f"frontend {name}",
            f"  bind :{port['port']}",
            f"  default_backend {name}",
            f"backend {name}",
            f"  option httpchk GET {probe['httpGet']['path']}",
        ]
        for pod, address in places[workload["metadata"]["name"]].items():
            self._servers.append((port["port"], name, pod))
            lines.append(
                f"  server {pod} {address}:{ports[port['targetPort']]} check port"
                f" {ports[probe['httpGet']['port']]} inter {_INTERVAL_MS}ms"
                f" fall {patience} rise 1 {header}"
            )
        return lines

    def start(self, network, address, people, folder):
        path = f"{folder}/haproxy.cfg"
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._configuration)
        docker(
            "create", "--name", self.name, "--network", network, "--ip", address,
            "--volume", f"{path}:/etc/haproxy.cfg:ro", "--sysctl", "net.ipv4.ip_unprivileged_port_start=0",
            self._image, "haproxy", "-db", "-f", "/etc/haproxy.cfg",
        )  # fmt: skip
        docker("network", "connect", "--alias", "homeport.example", people, self.name)
        docker("start", self.name)

    def leave_out(self, pod, out=True):
        """No new connections to the pod, as soon as this returns; those that it has stay."""
        verb = "disable" if out else "enable"
        commands = [f"{verb} server {backend}/{one}" for _, backend, one in self._servers if one == pod]
        docker("exec", self.name, "python3", "-c", _DISABLE, *commands)

    def remove(self):
        docker("rm", "--force", self.name, check=False)
