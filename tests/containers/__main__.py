"""Tells the stories of tests/cluster in containers. tests/containers/run makes the images and starts this.

    python3 -m tests.containers --store sqlite|postgres --tag TAG --tools IMAGE [--only NAME,…] [--logs FOLDER]

The exit status is 0 if all stories hold.
"""

import argparse
import os
import sys

from tests.cluster import stories
from tests.cluster.people import People
from tests.cluster.waiting import wait_until
from tests.containers.cluster import ContainerCluster
from tests.containers.pod import docker

# As the manifests and people call the coordinator.
_TLS_NAMES = "coordinator,coordinator.homeport.svc,homeport.example"


def _secrets(tag, store):
    """Makes the Secrets as an operator would: what the coordinator makes, as k8s/secrets sorts it."""

    def make(folder):
        made = os.path.join(folder, "made")
        os.makedirs(made)
        os.chown(made, 65532, 65532)
        docker(
            "run", "--rm", "--network", "none", "--volume", f"{folder}:/folder",
            f"homeport-coordinator:{tag}", "make-secrets", "/folder/made", f"--tls_names={_TLS_NAMES}",
        )  # fmt: skip
        files = {}
        for name in os.listdir(made):
            with open(os.path.join(made, name), encoding="utf-8") as file:
                files[name] = file.read()
        secrets = {
            "homeport-coordinator": files,
            "homeport-proxy": {name: files[name] for name in ("ca.pem", "proxy-credential")},
        }
        if store == "postgres":
            url = "postgresql://homeport:homeport@postgres:5432/homeport"
            secrets["homeport-store"] = {"url": url}
        return secrets

    return make


def main():
    parser = argparse.ArgumentParser(prog="tests/containers/run")
    parser.add_argument("--store", choices=("sqlite", "postgres"), required=True)
    parser.add_argument("--tag", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--logs", default="")
    options = parser.parse_args()
    chosen = [one for one in stories.STORIES if not options.only or one.__name__ in options.only.split(",")]
    secrets = _secrets(options.tag, options.store)
    with ContainerCluster(options.store, options.tag, options.tools, secrets) as cluster:
        people = People(cluster)
        try:
            for name, credential in people.settle().items():
                cluster.start_workspace(name, credential)
                wait_until(f"{name} lets its owner in", lambda: people.gets_in(name))
            failed = stories.tell(cluster, people, chosen)
        finally:
            if options.logs:
                os.makedirs(options.logs, exist_ok=True)
                for name, text in cluster.all_logs().items():
                    with open(os.path.join(options.logs, name), "w", encoding="utf-8") as file:
                        file.write(text)
    print(f"  {options.store}: {len(chosen) - failed} of {len(chosen)} stories hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
