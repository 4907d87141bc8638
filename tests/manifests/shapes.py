"""The fields of the Kubernetes kinds that k8s/ uses, so that a misspelt one is found without a cluster.

A dict lists an object's fields; [x] is a list of x; ANY is not looked into; a type is a scalar's. From the API
reference of Kubernetes 1.30; a field that k8s/ begins to use is added here.
"""

ANY = object()
TEXTS = {str: str}
_META = {"name": str, "namespace": str, "labels": TEXTS, "annotations": TEXTS}
_SELECTOR = {"matchLabels": TEXTS}
_PORT = (int, str)

_HTTP_PROBE = {
    "httpGet": {"path": str, "port": _PORT},
    "periodSeconds": int,
    "timeoutSeconds": int,
    "failureThreshold": int,
}
_CONTAINER = {
    "name": str,
    "image": str,
    "imagePullPolicy": str,
    "command": [str],
    "args": [str],
    "envFrom": [{"configMapRef": {"name": str}}],
    "env": [{"name": str, "value": str, "valueFrom": {"fieldRef": {"fieldPath": str}}}],
    "ports": [{"name": str, "containerPort": int}],
    "startupProbe": _HTTP_PROBE,
    "readinessProbe": _HTTP_PROBE,
    "livenessProbe": _HTTP_PROBE,
    "lifecycle": {"preStop": {"sleep": {"seconds": int}}},
    "resources": {"requests": {"cpu": str, "memory": str}, "limits": {"memory": str}},
    "securityContext": {
        "allowPrivilegeEscalation": bool,
        "readOnlyRootFilesystem": bool,
        "capabilities": {"drop": [str]},
    },
    "volumeMounts": [{"name": str, "mountPath": str, "readOnly": bool}],
}
_POD = {
    "serviceAccountName": str,
    "automountServiceAccountToken": bool,
    "enableServiceLinks": bool,
    "imagePullSecrets": [{"name": str}],
    "terminationGracePeriodSeconds": int,
    "securityContext": {
        "runAsNonRoot": bool,
        "runAsUser": int,
        "runAsGroup": int,
        "fsGroup": int,
        "fsGroupChangePolicy": str,
        "seccompProfile": {"type": str},
    },
    "topologySpreadConstraints": [
        {"maxSkew": int, "topologyKey": str, "whenUnsatisfiable": str, "labelSelector": _SELECTOR}
    ],
    "initContainers": [_CONTAINER],
    "containers": [_CONTAINER],
    "volumes": [
        {
            "name": str,
            "secret": {"secretName": str, "defaultMode": int},
            "configMap": {"name": str, "defaultMode": int},
            "emptyDir": {"sizeLimit": str},
            "projected": {
                "defaultMode": int,
                "sources": [
                    {"serviceAccountToken": {"path": str, "audience": str, "expirationSeconds": int}}
                ],
            },
        }
    ],
}
_TEMPLATE = {"metadata": _META, "spec": _POD}
_CLAIM = {
    "metadata": _META,
    "spec": {
        "accessModes": [str],
        "storageClassName": str,
        "resources": {"requests": {"storage": str}},
    },
}
_PEERS = [
    {
        "podSelector": _SELECTOR,
        "namespaceSelector": _SELECTOR,
        "ipBlock": {"cidr": str, "except": [str]},
    }
]
_POLICY_PORTS = [{"port": _PORT, "protocol": str}]
_ROLE_REF = {"apiGroup": str, "kind": str, "name": str}
_SUBJECTS = [{"kind": str, "name": str, "namespace": str}]
_RULES = [{"apiGroups": [str], "resources": [str], "verbs": [str]}]

SHAPES = {
    "v1/Namespace": {"metadata": _META},
    "v1/ConfigMap": {"metadata": _META, "data": TEXTS},
    "v1/ServiceAccount": {"metadata": _META, "automountServiceAccountToken": bool},
    "v1/Service": {
        "metadata": _META,
        "spec": {
            "type": str,
            "clusterIP": str,
            "externalTrafficPolicy": str,
            "publishNotReadyAddresses": bool,
            "selector": TEXTS,
            "ports": [{"name": str, "port": int, "targetPort": _PORT}],
        },
    },
    "apps/v1/Deployment": {
        "metadata": _META,
        "spec": {
            "replicas": int,
            "minReadySeconds": int,
            "strategy": {"type": str, "rollingUpdate": {"maxSurge": _PORT, "maxUnavailable": _PORT}},
            "selector": _SELECTOR,
            "template": _TEMPLATE,
        },
    },
    "apps/v1/StatefulSet": {
        "metadata": _META,
        "spec": {
            "serviceName": str,
            "replicas": int,
            "podManagementPolicy": str,
            "minReadySeconds": int,
            "selector": _SELECTOR,
            "template": _TEMPLATE,
            "volumeClaimTemplates": [_CLAIM],
        },
    },
    "policy/v1/PodDisruptionBudget": {
        "metadata": _META,
        "spec": {"maxUnavailable": _PORT, "selector": _SELECTOR},
    },
    "networking.k8s.io/v1/NetworkPolicy": {
        "metadata": _META,
        "spec": {
            "podSelector": _SELECTOR,
            "policyTypes": [str],
            "ingress": [{"from": _PEERS, "ports": _POLICY_PORTS}],
            "egress": [{"to": _PEERS, "ports": _POLICY_PORTS}],
        },
    },
    "rbac.authorization.k8s.io/v1/Role": {"metadata": _META, "rules": _RULES},
    "rbac.authorization.k8s.io/v1/ClusterRole": {"metadata": _META, "rules": _RULES},
    "rbac.authorization.k8s.io/v1/RoleBinding": {
        "metadata": _META,
        "roleRef": _ROLE_REF,
        "subjects": _SUBJECTS,
    },
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": {
        "metadata": _META,
        "roleRef": _ROLE_REF,
        "subjects": _SUBJECTS,
    },
    # Of Prometheus Operator.
    "monitoring.coreos.com/v1/ServiceMonitor": {
        "metadata": _META,
        "spec": {"selector": _SELECTOR, "endpoints": [{"port": str, "path": str, "interval": str}]},
    },
    "monitoring.coreos.com/v1/PrometheusRule": {
        "metadata": _META,
        "spec": {
            "groups": [
                {
                    "name": str,
                    "rules": [
                        {"alert": str, "expr": str, "for": str, "labels": TEXTS, "annotations": TEXTS}
                    ],
                }
            ]
        },
    },
}


def misshapen(value, shape, where):
    """What does not fit, one sentence each."""
    if shape is ANY:
        return []
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        return [bad for i, one in enumerate(value) for bad in misshapen(one, shape[0], f"{where}[{i}]")]
    if not isinstance(shape, dict):
        fits = isinstance(value, shape) and not (isinstance(value, bool) and shape is not bool)
        return [] if fits else [f"{where} is {value!r}"]
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    bad = []
    for key, one in value.items():
        inner = shape.get(str) if str in shape else shape.get(key)
        if inner is None:
            bad.append(f"{where}.{key} is no field")
        else:
            bad += misshapen(one, inner, f"{where}.{key}")
    return bad
