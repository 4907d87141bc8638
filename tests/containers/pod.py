"""A pod as Docker Engine runs it: what its template says of users, mounts, environment and rights holds."""

import os
import re
import shutil
import subprocess


def docker(*words, check=True, timeout=120, **more):
    """Runs docker and returns what it did."""
    done = subprocess.run(
        ["docker", *words], capture_output=True, text=True, check=False, timeout=timeout, **more
    )
    if check and done.returncode != 0:
        raise RuntimeError(f"docker {' '.join(words[:3])} …: {done.stderr.strip()}")
    return done


def _bytes(quantity):
    number, unit = re.fullmatch(r"(\d+)([KMG]i)?", str(quantity)).groups()
    return int(number) << {None: 0, "Ki": 10, "Mi": 20, "Gi": 30}[unit]


class Pod:
    """One pod. Its containers share nothing but its volumes; here each has one that stays.

    `sources` has what volumes and environment come from: objects of the manifests by (kind, name), with
    `data`, and the token that a service account would have. Threads: one at a time for each pod.
    """

    def __init__(self, workload, name, address, network, hosts, folder, sources, images):
        self.workload = workload
        self.name = name
        self.address = address
        self.template = workload["spec"]["template"]
        self._spec = self.template["spec"]
        self._network = network
        self._hosts = hosts
        self._folder = os.path.join(folder, name)
        self._sources = sources
        self._images = images
        self._volumes = {}

    @property
    def container(self):
        return self._spec["containers"][0]

    def start(self):
        os.makedirs(self._folder, exist_ok=True)
        for volume in self._spec.get("volumes", []):
            self._volumes[volume["name"]] = self._make_volume(volume)
        for claim in self.workload["spec"].get("volumeClaimTemplates", []):
            name = claim["metadata"]["name"]
            self._volumes[name] = self._make_folder(name, 0o2775)
        for container in self._spec.get("initContainers", []):
            self._run(container, f"{self.name}-{container['name']}", ["--rm"])
        self._run(self.container, self.name, ["--detach"])

    def stop(self):
        """As when a pod is deleted: the signal, and after the grace period the end."""
        grace = self._spec.get("terminationGracePeriodSeconds", 30)
        docker("stop", "--time", str(grace), self.name, timeout=grace + 60)
        self.remove()

    def signal(self, name):
        docker("kill", "--signal", name, self.name)

    def remove(self):
        docker("rm", "--force", self.name, check=False)

    def running(self):
        done = docker("inspect", "--format", "{{.State.Running}}", self.name, check=False)
        return done.stdout.strip() == "true"

    def logs(self):
        done = docker("logs", self.name, check=False)
        return done.stdout + done.stderr

    def _run(self, container, name, how):
        context = {**self._spec.get("securityContext", {}), **container.get("securityContext", {})}
        words = ["run", *how, "--name", name, "--hostname", self.name, "--network", self._network]
        if how == ["--detach"]:
            words += ["--ip", self.address]
        words += self._rights(context)
        for host, address in self._hosts.items():
            words += ["--add-host", f"{host}:{address}"]
        for key, value in self._environment(container).items():
            words += ["--env", f"{key}={value}"]
        for mount in container.get("volumeMounts", []):
            mode = ":ro" if mount.get("readOnly") else ""
            words += ["--volume", f"{self._volumes[mount['name']]}:{mount['mountPath']}{mode}"]
        limits = container.get("resources", {}).get("limits", {})
        if "memory" in limits:
            words += ["--memory", str(_bytes(limits["memory"]))]
        command = container.get("command", [])
        if command:
            words += ["--entrypoint", command[0]]
        words += [self._images(container["image"]), *command[1:], *container.get("args", [])]
        docker(*words)

    @staticmethod
    def _rights(context):
        user = context.get("runAsUser")
        words = ["--user", f"{user}:{context.get('runAsGroup', user)}"]
        words += ["--group-add", str(context["fsGroup"])]
        if context.get("readOnlyRootFilesystem"):
            words.append("--read-only")
        if context.get("allowPrivilegeEscalation") is False:
            words += ["--security-opt", "no-new-privileges"]
        for capability in context.get("capabilities", {}).get("drop", []):
            words += ["--cap-drop", capability]
        return words

    def _environment(self, container):
        values = {}
        for source in container.get("envFrom", []):
            values.update(self._sources.data("ConfigMap", source["configMapRef"]["name"]))
        fields = {"metadata.name": self.name, "status.podIP": self.address}
        for entry in container.get("env", []):
            if "valueFrom" in entry:
                value = fields[entry["valueFrom"]["fieldRef"]["fieldPath"]]
            else:
                value = re.sub(
                    r"\$\(([A-Z_]+)\)", lambda found: values[found.group(1)], entry.get("value", "")
                )
            values[entry["name"]] = value
        return values

    def _make_volume(self, volume):
        name = volume["name"]
        if "emptyDir" in volume:
            shutil.rmtree(os.path.join(self._folder, name), ignore_errors=True)
            return self._make_folder(name, 0o2777)
        if "secret" in volume:
            content = self._sources.data("Secret", volume["secret"]["secretName"])
            return self._make_files(name, content, volume["secret"].get("defaultMode", 0o644))
        if "configMap" in volume:
            content = self._sources.data("ConfigMap", volume["configMap"]["name"])
            return self._make_files(name, content, volume["configMap"].get("defaultMode", 0o644))
        token = volume["projected"]["sources"][0]["serviceAccountToken"]
        content = {token["path"]: self._sources.token(self.template["metadata"]["labels"])}
        return self._make_files(name, content, volume["projected"].get("defaultMode", 0o644))

    def _group(self):
        return self._spec["securityContext"]["fsGroup"]

    def _make_folder(self, name, mode):
        path = os.path.join(self._folder, name)
        os.makedirs(path, exist_ok=True)
        os.chown(path, 0, self._group())
        os.chmod(path, mode)
        return path

    def _make_files(self, name, content, mode):
        path = os.path.join(self._folder, name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path, mode=0o755)
        for file, text in content.items():
            target = os.path.join(path, file)
            with open(target, "w", encoding="utf-8", newline="") as out:
                out.write(text)
            os.chown(target, 0, self._group())
            os.chmod(target, mode)
        return path
