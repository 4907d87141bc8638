"""Tells the stories of tests/cluster in Kubernetes. tests/kind/run prepares the cluster and starts this.

    python3 -m tests.kind --context CONTEXT --homeport PROGRAM --door HOST:PORT --api HOST:PORT --ca FILE
                          [--only NAME,…]
"""

import argparse
import sys

from tests.cluster import stories
from tests.cluster.people import BACKENDS, People
from tests.cluster.waiting import wait_until
from tests.kind.cluster import KindCluster


def a_rolling_restart_under_load(cluster, people):
    """Kubernetes' own, of both services at once."""
    with stories.load(cluster, people) as sessions:
        cluster.restart("coordinator")
        cluster.restart("sshproxy")
        people.ssh("slim", "true")
        assert sessions.ended() == {}, sessions.ended()
        assert set(sessions.stop().values()) == {0}


def a_drained_node_lets_people_finish(cluster, people):
    with stories.load(cluster, people) as sessions:
        drain = cluster.drain_node(cluster.node_of(cluster.ready("sshproxy")[0]))
        cluster.start_again("sshproxy")
        people.ssh("slim", "true")
        assert sessions.ended() == {}, sessions.ended()
        assert set(sessions.stop().values()) == {0}
        assert drain.wait(timeout=120) == 0


def main():
    parser = argparse.ArgumentParser(prog="tests/kind/run")
    for name in ("context", "homeport", "door", "api", "ca"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    host, _, port = options.door.rpartition(":")
    with open(options.ca, encoding="utf-8") as file:
        ca = file.read()
    every = [*stories.STORIES, a_rolling_restart_under_load, a_drained_node_lets_people_finish]
    chosen = [one for one in every if not options.only or one.__name__ in options.only.split(",")]
    with KindCluster(options.context, options.homeport, (host, int(port)), options.api, ca) as cluster:
        people = People(cluster)
        people.settle()
        cluster.wait_for_workspaces()
        for name in BACKENDS:
            wait_until(f"{name} lets its owner in", lambda: people.gets_in(name), 120)
        failed = stories.tell(cluster, people, chosen)
    print(f"  {len(chosen) - failed} of {len(chosen)} stories hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
