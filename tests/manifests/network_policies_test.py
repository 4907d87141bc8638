"""Who reaches whom, by the policies: looked at as a cluster would decide."""

import unittest

from tests.manifests import objects as manifests

ROOT = manifests.repository()
NAMESPACES = {
    "homeport": {"kubernetes.io/metadata.name": "homeport"},
    "workspaces": {"kubernetes.io/metadata.name": "workspaces", "homeport.dev/workspaces": "true"},
    "monitoring": {"kubernetes.io/metadata.name": "monitoring", "homeport.dev/monitoring": "true"},
    "kube-system": {"kubernetes.io/metadata.name": "kube-system"},
    "elsewhere": {"kubernetes.io/metadata.name": "elsewhere"},
}
# namespace, labels
COORDINATOR = ("homeport", {"app.kubernetes.io/name": "coordinator"})
PROXY = ("homeport", {"app.kubernetes.io/name": "sshproxy"})
SLIM = ("workspaces", {"homeport.dev/owner": "alice", "homeport.dev/workspace": "slim"})
OTHER = ("workspaces", {"homeport.dev/owner": "bob", "homeport.dev/workspace": "other"})
PROMETHEUS = ("monitoring", {})
NAMES = ("kube-system", {"k8s-app": "kube-dns"})
STRANGER = ("elsewhere", {})


class Policies:
    def __init__(self, objects):
        self._policies = manifests.of_kind(objects, "NetworkPolicy")

    def lets(self, source, target, port, protocol="TCP"):
        out = self._allows(source, target, port, protocol, "Egress", "egress", "to")
        return out and self._allows(target, source, port, protocol, "Ingress", "ingress", "from")

    def _allows(self, pod, peer, port, protocol, kind, rules, peers):
        concerned = [
            policy
            for policy in self._policies
            if policy["metadata"]["namespace"] == pod[0]
            and kind in policy["spec"]["policyTypes"]
            and manifests.selects(policy["spec"]["podSelector"], pod[1])
        ]
        if not concerned:
            return True
        return any(
            self._rule(rule, policy["metadata"]["namespace"], peer, port, protocol, peers)
            for policy in concerned
            for rule in policy["spec"].get(rules, [])
        )

    @staticmethod
    def _rule(rule, namespace, peer, port, protocol, peers):
        if "ports" in rule and not any(
            one["port"] == port and one.get("protocol", "TCP") == protocol for one in rule["ports"]
        ):
            return False
        if peers not in rule:
            return True
        for one in rule[peers]:
            # Pods have addresses that the examples' outside leaves out.
            if "ipBlock" in one:
                continue
            if "namespaceSelector" in one:
                if not manifests.selects(one["namespaceSelector"], NAMESPACES[peer[0]]):
                    continue
            elif peer[0] != namespace:
                continue
            if manifests.selects(one.get("podSelector", {}), peer[1]):
                return True
        return False


class NetworkPoliciesTest(unittest.TestCase):
    def setUp(self):
        objects = manifests.kustomize(f"{ROOT}/k8s/overlays/sqlite")
        self.policies = Policies(objects + manifests.kustomize(f"{ROOT}/k8s/examples"))

    def test_what_must_pass_passes(self):
        for source, target, port in (
            (SLIM, COORDINATOR, 7443),
            (SLIM, PROXY, 7445),
            (PROXY, COORDINATOR, 7443),
            (STRANGER, PROXY, 2222),
            (PROMETHEUS, COORDINATOR, 7444),
            (PROMETHEUS, PROXY, 7446),
        ):
            self.assertTrue(self.policies.lets(source, target, port), (source, target, port))
        for pod in (SLIM, COORDINATOR, PROXY):
            self.assertTrue(self.policies.lets(pod, NAMES, 53, "UDP"), pod)

    def test_nothing_else_of_ours_is_reached_from_workspaces(self):
        for target, port in ((COORDINATOR, 7444), (PROXY, 7446), (PROXY, 2222), (COORDINATOR, 5432)):
            self.assertFalse(self.policies.lets(SLIM, target, port), (target, port))

    def test_nobody_reaches_workspaces(self):
        for source in (OTHER, PROXY, COORDINATOR, PROMETHEUS, STRANGER, NAMES):
            for port in (22, 2022, 80):
                self.assertFalse(self.policies.lets(source, SLIM, port), source)

    def test_strangers_reach_the_front_door_alone(self):
        for target, port in ((COORDINATOR, 7443), (COORDINATOR, 7444), (PROXY, 7445), (PROXY, 7446)):
            self.assertFalse(self.policies.lets(STRANGER, target, port), (target, port))

    def test_ours_reach_no_further_than_they_need(self):
        for source, target, port in (
            (PROXY, STRANGER, 80),
            (PROXY, COORDINATOR, 7444),
            (COORDINATOR, PROXY, 7445),
            (COORDINATOR, STRANGER, 80),
            (COORDINATOR, STRANGER, 5432),
        ):
            self.assertFalse(self.policies.lets(source, target, port), (source, target, port))

    def test_what_no_policy_names_has_no_traffic(self):
        newcomer = ("homeport", {"app.kubernetes.io/name": "newcomer"})
        self.assertFalse(self.policies.lets(newcomer, STRANGER, 80))
        self.assertFalse(self.policies.lets(STRANGER, newcomer, 80))
        self.assertFalse(self.policies.lets(("workspaces", {}), STRANGER, 80))

    def test_with_postgresql_the_coordinator_reaches_it(self):
        policies = Policies(manifests.kustomize(f"{ROOT}/k8s/overlays/postgres"))
        self.assertTrue(policies.lets(COORDINATOR, STRANGER, 5432))
        self.assertFalse(policies.lets(PROXY, STRANGER, 5432))


if __name__ == "__main__":
    unittest.main()
