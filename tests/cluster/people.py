"""The people of the stories and what they have on their machine: homeport's command, a key, ssh's configuration."""

import os
import re

# Alice's workspaces, each with the only SSH server that its sessions get.
BACKENDS = {"slim": "embedded", "openssh": "openssh"}


class People:
    """The first site manager, and alice with two workspaces. Threads: one."""

    def __init__(self, cluster):
        self._cluster = cluster
        self._home = cluster.home
        self._alice = f"{cluster.home}/alice"

    def settle(self):
        """Makes the site manager, the provider, alice and her workspaces. Returns the workspaces' credentials."""
        self._write("ca.pem", self._cluster.ca)
        self._write("password", "a long enough password\n")
        self._write("code", self._set_up_code() + "\n")
        self.homeport(
            "login", "--setup", "--username", "admin", "--email", "admin@homeport.example",
            "--code-file", f"{self._home}/code", "--password-file", f"{self._home}/password",
        )  # fmt: skip
        self.admin("providers", "create", "cluster", "--kind", "kubernetes", "--namespace", "workspaces")
        self.admin(
            "users", "create", "alice", "--email", "alice@homeport.example", "--token-file-out", f"{self._alice}.token"
        )
        self.fetch_key()
        host, port = self._cluster.front_door
        known = self.admin("front-door", "--known-hosts", host, str(port)).stdout
        self._write("known_hosts", known)
        return {name: self._make_workspace(name, backend) for name, backend in BACKENDS.items()}

    def homeport(self, *words, check=True):
        return self._cluster.laptop(
            self._cluster.homeport, "--coordinator", self._cluster.api, "--ca-file", f"{self._home}/ca.pem", *words,
            check=check,
        )  # fmt: skip

    def admin(self, *words, check=True):
        """As the site manager, who has signed in."""
        return self.homeport(*words, check=check)

    def alice(self, *words, check=True):
        return self.homeport("--token-file", f"{self._alice}.token", *words, check=check)

    def fetch_key(self):
        """Alice's assigned key, as it is now."""
        self.alice("keys", "download", "--file", f"{self._alice}.key", "--force")

    def gets_in(self, workspace):
        """Whether ssh reaches the workspace now."""
        return self.ssh(workspace, "true", check=False).returncode == 0

    def is_online(self, workspace):
        text = self.admin("workspaces", "get", f"alice/{workspace}", check=False).stdout
        return re.search(r"^online +yes$", text, re.MULTILINE) is not None

    def ssh_arguments(self, workspace, *options):
        host, port = self._cluster.front_door
        return [
            "-F", "none", "-p", str(port), "-i", f"{self._alice}.key", "-o", "IdentitiesOnly=yes",
            "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=20",
            "-o", f"UserKnownHostsFile={self._home}/known_hosts", *options, f"{workspace}@{host}",
        ]  # fmt: skip

    def ssh(self, workspace, *words, options=(), check=True, text_in=""):
        return self._cluster.laptop(
            "ssh", *self.ssh_arguments(workspace, *options), *words, check=check, text_in=text_in
        )

    def scp(self, source, target):
        host, port = self._cluster.front_door
        options = self.ssh_arguments("")[:-1]
        options[options.index("-p")] = "-P"
        places = [re.sub(r"^(\w+):", rf"\1@{host}:", one) for one in (source, target)]
        return self._cluster.laptop("scp", *options, *places)

    def _make_workspace(self, name, backend):
        file = f"{self._home}/{name}.credential"
        words = ["--provider", "cluster", "--backend", backend, "--credential-file", file]
        if self._cluster.has_service_accounts:
            words += ["--service-account", f"workspace-{name}"]
        self.admin("workspaces", "create", f"alice/{name}", *words)
        return self._cluster.laptop("cat", file).stdout.strip()

    def _set_up_code(self):
        for name in self._cluster.pods("coordinator"):
            found = re.search(r"\bhps_\S+?(?=[,\s\"])", self._cluster.logs(name))
            if found:
                return found.group(0)
        raise AssertionError("no coordinator has printed a set-up code")

    def _write(self, name, text):
        path = os.path.join(self._home, name)
        self._cluster.laptop("sh", "-c", f"umask 077; cat >{path}", text_in=text)
