"""What schemas do not say of a rendered overlay: that its pods pass the pod security standard `restricted`,
ask for what they need and are asked how they are; and which ways its network policies leave open.

  python3 rendered.py FILE
"""
import sys

import yaml

wrong = []
documents = [d for d in yaml.safe_load_all(open(sys.argv[1], encoding="utf-8")) if d]
names = {(d["kind"], d["metadata"]["name"]) for d in documents}
workloads = {d["metadata"]["name"]: d for d in documents if "template" in d.get("spec", {})}


def of_kind(kind):
    return [d for d in documents if d["kind"] == kind]


def matches(selector, labels):
    for expression in selector.get("matchExpressions", []):
        value = labels.get(expression["key"])
        inside = value in expression["values"]
        # NotIn also takes what has no such label, as Kubernetes does.
        if {"In": not inside, "NotIn": inside}[expression["operator"]]:
            return False
    return selector.get("matchLabels", {}).items() <= labels.items()


# --- pods: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted ----------------

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def check_pod(workload):
    kind, name = workload["kind"], workload["metadata"]["name"]
    spec = workload["spec"]["template"]["spec"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    pod = spec.get("securityContext", {})

    def want(condition, what):
        if not condition:
            wrong.append(f"{kind} {name}: {what}")

    want(not any(spec.get(k) for k in ("hostNetwork", "hostPID", "hostIPC")), "shares the host's namespaces")
    for volume in spec.get("volumes", []):
        want(set(volume) - {"name"} <= VOLUMES, f"a volume that is not allowed: {volume['name']}")
    for container in spec.get("initContainers", []) + spec["containers"]:
        own = container.get("securityContext", {})
        want(not own.get("privileged"), "is privileged")
        want(own.get("allowPrivilegeEscalation") is False, "may gain privileges")
        want(own.get("capabilities", {}).get("drop") == ["ALL"], "keeps capabilities")
        want(not own.get("capabilities", {}).get("add"), "adds capabilities")
        want(own.get("runAsNonRoot", pod.get("runAsNonRoot")) is True, "may run as root")
        want(own.get("runAsUser", pod.get("runAsUser")) not in (None, 0), "runs as root")
        seccomp = own.get("seccompProfile", pod.get("seccompProfile", {}))
        want(seccomp.get("type") in ("RuntimeDefault", "Localhost"), "has no seccomp profile")
        want(all("hostPort" not in p for p in container.get("ports", [])), "takes a port of the host")
        want(own.get("readOnlyRootFilesystem") is True or name == "kafka", "has a root that can be written")
        resources = container.get("resources", {})
        want("memory" in resources.get("limits", {}), "has no limit of memory")
        want({"cpu", "memory"} <= set(resources.get("requests", {})), "requests nothing")
        mounts = {m["name"] for m in container.get("volumeMounts", [])}
        known = {v["name"] for v in spec.get("volumes", [])}
        known |= {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])}
        want(mounts <= known, f"mounts what is not there: {sorted(mounts - known)}")
        for source in container.get("envFrom", []):
            want(("ConfigMap", source["configMapRef"]["name"]) in names, "names settings that are not there")
    want(spec.get("automountServiceAccountToken") is False, "has a token of the cluster")
    if kind == "Deployment" and name != "operator":
        probes = {"startupProbe", "livenessProbe", "readinessProbe"}
        want(probes <= set(spec["containers"][0]), "is not asked how it is")
    if workload["spec"].get("replicas", 1) > 1:
        budgets = of_kind("PodDisruptionBudget")
        want(any(matches(b["spec"]["selector"], labels) for b in budgets), "has no disruption budget")


# --- ways -------------------------------------------------------------------------------------------------


def labels_of(name):
    return workloads[name]["spec"]["template"]["metadata"]["labels"]


def port_of(name, port):
    containers = workloads[name]["spec"]["template"]["spec"]["containers"]
    named = {p["name"]: p["containerPort"] for c in containers for p in c.get("ports", [])}
    return named.get(port, port)


def peer_takes(peers, labels, namespace):
    if not peers:
        return True  # no peers named: everybody
    for peer in peers:
        if "ipBlock" in peer:
            if namespace is None:
                return True
        elif "namespaceSelector" in peer:
            if matches(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace}):
                return True
        elif namespace == "fosterwatch" and matches(peer["podSelector"], labels):
            return True
    return False


def leaves(direction, name, labels, namespace, port):
    """Whether a pod may speak with `labels` in `namespace` (None: outside of the cluster) at `port`."""
    peers, chosen = {"Ingress": "from", "Egress": "to"}[direction], False
    for policy in (p["spec"] for p in of_kind("NetworkPolicy")):
        if direction not in policy["policyTypes"] or not matches(policy["podSelector"], labels_of(name)):
            continue
        chosen = True
        for rule in policy.get(direction.lower(), []):
            ports = [port_of(name, p["port"]) for p in rule.get("ports", [])]
            if (not ports or port in ports) and peer_takes(rule.get(peers), labels, namespace):
                return True
    return not chosen


def way(source, target, port):
    """source, target: the name of a workload here; "namespace:NAME"; or "outside"."""
    def place(name):
        if name in workloads:
            return labels_of(name), "fosterwatch"
        return {}, name.split(":")[1] if ":" in name else None

    out = source not in workloads or leaves("Egress", source, *place(target), port)
    return out and (target not in workloads or leaves("Ingress", target, *place(source), port))


def check_ways():
    inside = "postgres" in workloads
    database, bus, bus_port = ("postgres", "kafka", 9092) if inside else ("outside", "outside", 9093)
    services = [n for n, w in workloads.items() if labels_of(n).get("app.kubernetes.io/component") == "service"]
    without_database = {"packs", "watchdog"}
    table = [("namespace:ingress-nginx", "gateway", 8410, True), ("namespace:monitoring", "gateway", 7510, True),
             ("operator", "gateway", 8410, True), ("operator", database, 5432, True), ("operator", bus, bus_port, True),
             ("set-up", database, 5432, True), ("set-up", bus, bus_port, True), ("gateway", bus, bus_port, True),
             ("gateway", database, 5432, False), ("gateway", "outside", 443, False), ("outside", "gateway", 8410, False),
             ("notifications", "outside", 465, True), ("watchdog", "outside", 465, True),
             ("namespace:default", "gateway", 8410, False), ("namespace:default", "gateway", 7410, False)]
    for name in services:
        owns = name not in without_database
        table += [("gateway", name, 7410, True), ("watchdog", name, 7410, True), ("packs", name, 7410, True),
                  ("operator", name, 7410, True), ("namespace:monitoring", name, 7510, True),
                  (name, "namespace:kube-system", 53, True), (name, database, 5432, owns), (name, bus, bus_port, owns),
                  ("namespace:default", name, 7410, False), ("namespace:default", name, 7510, False),
                  ("namespace:ingress-nginx", name, 7410, False), (name, "gateway", 8410, False)]
        if name not in ("notifications", "watchdog"):
            table += [(name, "outside", 443, False), (name, "outside", 465, False)]
    if inside:
        table += [("namespace:default", "postgres", 5432, False), ("namespace:default", "kafka", 9092, False),
                  ("postgres", "outside", 443, False), ("kafka", "outside", 443, False),
                  ("kpis", "outside", 5432, False), ("kpis", "outside", 9092, False),
                  ("kpis", "namespace:default", 5432, False), ("gateway", "namespace:default", 9092, False)]
    # For a pod that nobody has thought of yet.
    nothing = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    if nothing not in [p["spec"] for p in of_kind("NetworkPolicy")]:
        wrong.append("no policy closes all ways")
    for source, target, port, wanted in table:
        if way(source, target, port) != wanted:
            wrong.append(f"{source} {'cannot' if wanted else 'can'} reach {target} at {port}")
    return len(table)


for workload in workloads.values():
    check_pod(workload)
wrong += [f"secret {d['metadata']['name']}: has no place in git" for d in of_kind("Secret")]
ways = check_ways()
print("\n".join(wrong) or f"{len(documents)} objects, {len(workloads)} with pods, {ways} ways: all as they should be")
sys.exit(bool(wrong))
