"""What an installation in a cluster must do for people, as stories.

Each takes the cluster and its people and says by AssertionError what did not hold. How to reach the front door, and
how to end or replace a replica, the cluster knows: tests/containers/cluster.py for containers, tests/kind/cluster.py
for Kubernetes.
"""

import re
import sys
import time

from tests.cluster.load import Load
from tests.cluster.people import BACKENDS
from tests.cluster.waiting import wait_until

SESSIONS = 50


def load(cluster, people, workspace="slim", count=SESSIONS):
    command = cluster.laptop_command(
        "python3", f"{cluster.tools}/busy_sessions.py", str(count), *people.ssh_arguments(workspace, "-T")
    )
    return Load(command, count)


def _connections(cluster):
    return {
        name: cluster.metric(name, "homeport_sshproxy_connections") for name in cluster.pods("sshproxy")
    }




def a_shell_in_each_workspace(cluster, people):
    for workspace in BACKENDS:
        done = people.ssh(workspace, "echo $((40 + 2)); exit 7", check=False)
        assert done.stdout == "42\n" and done.returncode == 7, (workspace, done)


def files_are_copied(cluster, people):
    cluster.laptop("sh", "-c", f"head -c 3000000 /dev/urandom >{cluster.home}/there")
    for workspace in BACKENDS:
        people.scp(f"{cluster.home}/there", f"{workspace}:file")
        people.scp(f"{workspace}:file", f"{cluster.home}/back")
        cluster.laptop("cmp", f"{cluster.home}/there", f"{cluster.home}/back")


def windows_of_openssh_open_at_home(cluster, people):
    server = cluster.laptop_start("python3", f"{cluster.tools}/x_server.py")
    try:
        assert server.stdout.readline() == "ready\n"
        command = ["env", "DISPLAY=127.0.0.1:7", "ssh", *people.ssh_arguments("openssh", "-Y"), "xdpyinfo"]
        done = cluster.laptop(*command, check=False)
        assert "this is the display of the laptop" in done.stderr + done.stdout, done
    finally:
        server.kill()
        server.wait()


def external_connect_is_switched_off_and_on(cluster, people):
    with load(cluster, people, count=2) as sessions:
        people.admin("providers", "update", "cluster", "--external-connect", "off")
        sessions.wait_ended(2)
        assert set(sessions.ended().values()) == {255}, sessions.ended()
    done = people.ssh("slim", "true", check=False)
    assert done.returncode == 255 and "disabled" in done.stderr, done
    people.admin("providers", "update", "cluster", "--external-connect", "on")
    people.ssh("slim", "true")


def a_regenerated_key_replaces_the_old_one(cluster, people):
    with load(cluster, people, count=2) as sessions:
        people.alice("keys", "regenerate", "--yes")
        sessions.wait_ended(2)
    assert people.ssh("slim", "true", check=False).returncode == 255
    people.fetch_key()
    people.ssh("slim", "true")
    people.ssh("openssh", "true")


def nobody_notices_new_coordinators(cluster, people):
    with load(cluster, people) as sessions:
        for name in cluster.pods("coordinator"):
            cluster.replace(name)
            # A sign-in waits for a coordinator, for as long as one is away.
            people.ssh("slim", "true")
        assert sessions.ended() == {}, sessions.ended()
        assert set(sessions.stop().values()) == {0}


def a_killed_coordinator_ends_no_session(cluster, people):
    with load(cluster, people) as sessions:
        victim = cluster.pods("coordinator")[0]
        cluster.kill(victim)
        if cluster.pods("coordinator"):
            # Another replica does its work at once.
            started = time.monotonic()
            people.ssh("slim", "true")
            print(f"    a sign-in {time.monotonic() - started:.1f} s after the kill", file=sys.stderr)
        cluster.start_again(victim)
        people.ssh("slim", "true")
        assert sessions.ended() == {}, sessions.ended()
        assert set(sessions.stop().values()) == {0}
    for workspace in BACKENDS:
        wait_until(f"{workspace} is online", lambda: people.is_online(workspace))


def proxies_are_upgraded_under_load(cluster, people):
    with load(cluster, people) as sessions:
        old = cluster.pods("sshproxy")
        for name in old:
            cluster.replace(name)
            # Whoever comes now finds a proxy that takes them.
            for _ in range(5):
                people.ssh("slim", "true")
            assert sessions.ended() == {}, sessions.ended()
        assert not set(old) & set(cluster.ready("sshproxy"))
        assert set(sessions.stop().values()) == {0}
        for name in old:
            # Nobody is there any more, so the limit need not come.
            cluster.wait_drained(name, 20)


def a_killed_proxy_takes_only_its_own(cluster, people):
    with load(cluster, people) as sessions:
        shares = _connections(cluster)
        assert sum(shares.values()) == SESSIONS and min(shares.values()) > 0, shares
        victim = cluster.pods("sshproxy")[0]
        cluster.kill(victim)
        sessions.wait_ended(shares[victim])
        people.ssh("slim", "true")
        cluster.start_again(victim)
        people.ssh("openssh", "true")
        assert len(sessions.ended()) == shares[victim], (shares, sessions.ended())
        ends = sessions.stop()
        assert sorted(ends.values()) == [0] * int(SESSIONS - shares[victim]) + [255] * int(shares[victim])


def one_is_killed_and_one_upgraded_under_load(cluster, people):
    """A coordinator and a proxy of each: one killed, the other replaced, in the middle of busy sessions."""
    with load(cluster, people) as sessions:
        shares = _connections(cluster)
        coordinators, proxies = cluster.pods("coordinator"), cluster.pods("sshproxy")
        cluster.kill(coordinators[0])
        cluster.start_again(coordinators[0])
        people.ssh("slim", "true")
        cluster.replace(coordinators[-1])
        people.ssh("slim", "true")
        cluster.kill(proxies[0])
        cluster.start_again(proxies[0])
        sessions.wait_ended(shares[proxies[0]])
        cluster.replace(proxies[1])
        people.ssh("openssh", "true")
        assert len(sessions.ended()) == shares[proxies[0]], (shares, sessions.ended())
        ends = sessions.stop()
        assert list(ends.values()).count(0) == SESSIONS - shares[proxies[0]]
        cluster.wait_drained(proxies[1], 20)


def the_audit_is_whole(cluster, people):
    done = people.admin("audit", "verify")
    assert re.search(r"\d+", done.stdout), done


STORIES = [
    a_shell_in_each_workspace,
    files_are_copied,
    windows_of_openssh_open_at_home,
    external_connect_is_switched_off_and_on,
    a_regenerated_key_replaces_the_old_one,
    nobody_notices_new_coordinators,
    a_killed_coordinator_ends_no_session,
    proxies_are_upgraded_under_load,
    a_killed_proxy_takes_only_its_own,
    one_is_killed_and_one_upgraded_under_load,
    the_audit_is_whole,
]


def tell(cluster, people, stories):
    """Runs the stories and prints how each went. Returns how many failed."""
    failed = 0
    for story in stories:
        started = time.monotonic()
        try:
            story(cluster, people)
            result = "ok"
        except Exception as error:  # whatever it was, the next story can still be told
            failed += 1
            result = f"FAILED: {type(error).__name__}: {error}"
        print(f"  {story.__name__} ({time.monotonic() - started:.1f} s): {result}", flush=True)
    return failed
