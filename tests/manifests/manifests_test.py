"""k8s/ is valid, closed and of one piece: each name that something refers to is there."""

import glob
import re
import unittest

from tests.manifests import objects as manifests
from tests.manifests.shapes import SHAPES, misshapen

ROOT = manifests.repository()
OVERLAYS = ("sqlite", "postgres")
# What k8s/secrets makes.
SECRETS = {"homeport-coordinator", "homeport-proxy", "homeport-store"}
MADE_BY_OPERATOR = {("ConfigMap", "homeport-ca")}


def _seconds(text):
    number, unit = re.fullmatch(r"(\d+)([smh])", text).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def _read(name):
    with open(f"{ROOT}/{name}", encoding="utf-8") as file:
        return file.read()


def _flags(program):
    """The environment variables that a program reads, from its flags' names."""
    folder = {"workspace": "agent"}.get(program, program)
    sources = sorted(glob.glob(f"{folder}/*.cc", root_dir=ROOT))
    text = "".join(_read(source) for source in ["base/flags.cc", *sources])
    return {"HOMEPORT_" + flag.upper() for flag in re.findall(r'"--([a-z0-9_]+)"', text)}


class ManifestsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sets = {name: manifests.kustomize(f"{ROOT}/k8s/overlays/{name}") for name in OVERLAYS}
        cls.sets["everything"] = manifests.kustomize(f"{ROOT}/tests/manifests/everything")
        cls.sets["examples"] = manifests.kustomize(f"{ROOT}/k8s/examples")
        for store in OVERLAYS:
            cls.sets[f"containers {store}"] = manifests.kustomize(
                f"{ROOT}/tests/containers/overlay/{store}"
            )

    def _workloads(self):
        for objects in self.sets.values():
            for workload in manifests.of_kind(objects, *manifests.WORKLOADS):
                yield objects, workload

    def _chosen(self, objects, selector):
        return [
            one
            for one in manifests.of_kind(objects, *manifests.WORKLOADS)
            if manifests.selects(selector, manifests.labels_of(one))
        ]

    def test_every_field_is_one_of_kubernetes(self):
        for name, objects in self.sets.items():
            for one in objects:
                kind = f"{one['apiVersion']}/{one['kind']}"
                body = {key: value for key, value in one.items() if key not in ("apiVersion", "kind")}
                where = f"{name}: {one['kind']} {one['metadata']['name']}"
                self.assertEqual(misshapen(body, SHAPES[kind], where), [])

    def test_pods_pass_the_restricted_standard(self):
        for _, workload in self._workloads():
            pod = workload["spec"]["template"]["spec"]
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertGreater(pod["securityContext"]["runAsUser"], 0)
            self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
            for volume in pod["volumes"]:
                self.assertIn(
                    (set(volume) - {"name"}).pop(),
                    {"secret", "configMap", "emptyDir", "projected", "persistentVolumeClaim"},
                )
            for container in manifests.containers_of(workload):
                context = container["securityContext"]
                self.assertFalse(context["allowPrivilegeEscalation"])
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]})

    def test_our_pods_have_a_read_only_root_and_bounds(self):
        for _, workload in self._workloads():
            for container in manifests.containers_of(workload):
                self.assertIn("memory", container["resources"]["limits"])
                self.assertIn("cpu", container["resources"]["requests"])
                if container["image"].startswith("homeport-"):
                    self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])

    def test_selectors_choose_their_own_pods(self):
        for objects, workload in self._workloads():
            labels = manifests.labels_of(workload)
            self.assertTrue(manifests.selects(workload["spec"]["selector"], labels))
            for spread in workload["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
                self.assertTrue(manifests.selects(spread["labelSelector"], labels))
            if workload["kind"] == "StatefulSet" and workload["metadata"]["namespace"] == "homeport":
                manifests.find(objects, "Service", workload["spec"]["serviceName"])

    def test_services_and_budgets_choose_somebody_and_ports_are_there(self):
        for name, objects in self.sets.items():
            for service in manifests.of_kind(objects, "Service"):
                chosen = self._chosen(objects, {"matchLabels": service["spec"]["selector"]})
                self.assertEqual(len(chosen), 1, (name, service["metadata"]["name"]))
                for port in service["spec"]["ports"]:
                    self.assertIn(port["targetPort"], manifests.ports_of(chosen[0]))
            for budget in manifests.of_kind(objects, "PodDisruptionBudget"):
                self.assertEqual(len(self._chosen(objects, budget["spec"]["selector"])), 1)

    def test_probes_ask_at_ports_that_are_listened_on(self):
        for _, workload in self._workloads():
            for container in manifests.containers_of(workload):
                for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
                    if kind in container:
                        self.assertIn(container[kind]["httpGet"]["port"], manifests.ports_of(workload))

    def test_listening_addresses_are_the_declared_ports(self):
        for objects, workload in self._workloads():
            name = workload["metadata"]["name"]
            if name not in ("coordinator", "sshproxy"):
                continue
            config = self._config(objects, workload)
            listened = {
                int(config[flag].rsplit(":", 1)[1])
                for flag in config
                if flag.endswith("LISTEN")
            }
            self.assertEqual(listened, set(manifests.ports_of(workload).values()))

    def _config(self, objects, workload):
        container = workload["spec"]["template"]["spec"]["containers"][0]
        values = {}
        for source in container.get("envFrom", []):
            values.update(manifests.find(objects, "ConfigMap", source["configMapRef"]["name"])["data"])
        for entry in container.get("env", []):
            values[entry["name"]] = entry.get("value", "")
        return values

    def test_the_environment_is_what_the_programs_read(self):
        for objects, workload in self._workloads():
            program = workload["spec"]["template"]["spec"]["containers"][0]["name"]
            given = {one for one in self._config(objects, workload) if one.startswith("HOMEPORT_")}
            self.assertEqual(given - _flags(program), set())

    def test_mounts_have_volumes_and_these_have_sources(self):
        for objects, workload in self._workloads():
            spec = workload["spec"]
            pod = spec["template"]["spec"]
            volumes = {one["name"]: one for one in pod["volumes"]}
            claims = {one["metadata"]["name"] for one in spec.get("volumeClaimTemplates", [])}
            mounted = {
                mount["name"]
                for container in manifests.containers_of(workload)
                for mount in container.get("volumeMounts", [])
            }
            self.assertEqual(mounted, set(volumes) | claims)
            for volume in volumes.values():
                if "secret" in volume:
                    self.assertIn(volume["secret"]["secretName"], SECRETS)
                    self.assertEqual(volume["secret"]["defaultMode"] & 0o037, 0)
                if "configMap" in volume:
                    self.assertIn(("ConfigMap", volume["configMap"]["name"]), MADE_BY_OPERATOR)
            manifests.find(objects, "ServiceAccount", pod["serviceAccountName"])

    def test_files_that_flags_name_are_below_a_mount(self):
        for objects, workload in self._workloads():
            mounts = [
                mount["mountPath"]
                for mount in workload["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
            ]
            for flag, value in self._config(objects, workload).items():
                if flag.startswith("HOMEPORT_") and value.startswith("/"):
                    inside = any(value == mount or value.startswith(mount + "/") for mount in mounts)
                    self.assertTrue(inside, (flag, value))

    def test_pods_are_given_the_time_that_they_take_to_stop(self):
        for objects, workload in self._workloads():
            config = self._config(objects, workload)
            if "HOMEPORT_DRAIN" not in config:
                continue
            pod = workload["spec"]["template"]["spec"]
            stop = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            # What comes after: five seconds of the coordinator, two of the proxy.
            needed = stop + _seconds(config["HOMEPORT_DRAIN"]) + 10
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], needed)

    def test_a_proxy_stays_open_while_a_coordinator_is_replaced(self):
        for name in OVERLAYS:
            workload = manifests.find(self.sets[name], "Deployment", "sshproxy")
            probe = workload["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
            self.assertGreaterEqual(probe["periodSeconds"] * probe["failureThreshold"], 30)

    def test_workspaces_have_tokens_for_homeport_and_nothing_for_the_api_server(self):
        for workload in manifests.of_kind(self.sets["examples"], "StatefulSet"):
            pod = workload["spec"]["template"]["spec"]
            account = manifests.find(self.sets["examples"], "ServiceAccount", pod["serviceAccountName"])
            self.assertFalse(account["automountServiceAccountToken"])
            self.assertFalse(pod["automountServiceAccountToken"])
            tokens = [one["projected"]["sources"] for one in pod["volumes"] if "projected" in one]
            self.assertEqual(tokens[0][0]["serviceAccountToken"]["audience"], "homeport")
            labels = manifests.labels_of(workload)
            self.assertLessEqual({"homeport.dev/owner", "homeport.dev/workspace"}, set(labels))

    def test_rights_in_the_cluster_are_these(self):
        rules = [
            (one["kind"], rule["resources"], rule["verbs"])
            for one in manifests.of_kind(
                self.sets["sqlite"] + self.sets["examples"], "Role", "ClusterRole"
            )
            for rule in one["rules"]
        ]
        self.assertEqual(
            sorted(rules), [("ClusterRole", ["tokenreviews"], ["create"]), ("Role", ["pods"], ["get"])]
        )
        binding = manifests.find(self.sets["examples"], "RoleBinding", "homeport-coordinator")
        self.assertEqual(binding["subjects"][0]["namespace"], "homeport")

    def test_versions_agree(self):
        header = _read("base/version.h")
        version = re.search(r'kVersion\[\] = "([^"]+)"', header).group(1)
        for _, workload in self._workloads():
            for container in manifests.containers_of(workload):
                if container["image"].startswith("homeport-"):
                    self.assertTrue(container["image"].endswith(f":{version}"), container["image"])


if __name__ == "__main__":
    unittest.main()
