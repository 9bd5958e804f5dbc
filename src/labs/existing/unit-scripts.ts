import { HarnessError } from '../../model/errors.ts';

/** Where kubeadm, and all that build on it, keep the manifests of static pods. */
const MANIFESTS = '/etc/kubernetes/manifests';
/** Beside them, where no kubelet looks. */
const parked = (unit: string): string => `/etc/kubernetes/squall-parked-${unit}.yaml`;
const manifest = (unit: string): string => `${MANIFESTS}/${unit}.yaml`;

/**
 * From the act being planned on the node until it is done: the pod that plans it must have ended and been seen to end, for the
 * kubelet that would report it may be what is stopped.
 */
export const SETTLE_SECONDS = 5;

/** Services that plans may name; others on a node are none of a drill's business. */
const KNOWN_UNITS: readonly string[] = [
  'kubelet',
  'containerd',
  'crio',
  'docker',
  'keepalived',
  'haproxy',
  'etcd',
  'kube-proxy',
  'openvswitch-switch',
  'ovn-host',
  'libvirtd',
  'virtqemud',
  'frr',
  'bird',
];

/** @throws SQ_INJECT_FAILED for what could be more than a name to a shell. */
export function checkedUnit(unit: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9@._:-]*$/.test(unit)) return unit;
  throw new HarnessError('SQ_INJECT_FAILED', `${JSON.stringify(unit)} is not the name of a unit.`);
}

/**
 * Writes lines `<unit> <running|stopped>`: known services that are meant to run there, and static pods. One that is installed with
 * the image of all nodes, and whose conditions held at no start of it, is meant for others.
 */
export const listScript = (): string => `
for unit in ${KNOWN_UNITS.join(' ')}; do
  systemctl cat "$unit.service" >/dev/null 2>&1 || continue
  if systemctl is-active --quiet "$unit.service"; then echo "$unit running"; continue; fi
  test "$(systemctl show --property=ConditionResult --value "$unit.service")" = no || echo "$unit stopped"
done
for file in ${MANIFESTS}/*.yaml; do
  test -e "$file" && echo "$(basename "$file" .yaml) running"
done
for file in /etc/kubernetes/squall-parked-*.yaml; do
  test -e "$file" && echo "$(basename "$file" .yaml | sed s/squall-parked-//) stopped"
done
true
`;

/** A timer of the node's own systemd; it fires within a twentieth of a second of its time. */
export const planned = (name: string, afterSeconds: number, command: string): string =>
  `systemd-run --quiet --collect --unit=${name} --on-active=${afterSeconds}s --timer-property=AccuracySec=50ms /bin/sh -c '${command}'`;

/**
 * Plans both at once, the start before the stop: whatever happens to us in between, it is started again. Exits with 3 when it
 * does not run, for then stopping it would show nothing.
 */
export function stopScript(unit: string, startAgainAfterSeconds: number): string {
  const name = checkedUnit(unit);
  const back = SETTLE_SECONDS + startAgainAfterSeconds;
  return `
command -v systemd-run >/dev/null
systemctl stop squall-start-${name}.timer squall-stop-${name}.timer 2>/dev/null || true
if test -e ${manifest(name)}; then
  ${planned(`squall-start-${name}`, back, `test ! -e ${parked(name)} || mv ${parked(name)} ${manifest(name)}`)}
  ${planned(`squall-stop-${name}`, SETTLE_SECONDS, `mv ${manifest(name)} ${parked(name)}`)}
else
  systemctl is-active --quiet ${name}.service || { echo "${name} does not run"; exit 3; }
  ${planned(`squall-start-${name}`, back, `systemctl start ${name}.service`)}
  ${planned(`squall-stop-${name}`, SETTLE_SECONDS, `systemctl stop ${name}.service`)}
fi
echo planned
`;
}

/** Starts it now, and takes the plans away that are no longer needed; does nothing when it runs. */
export function startScript(unit: string): string {
  const name = checkedUnit(unit);
  return `
systemctl stop squall-stop-${name}.timer 2>/dev/null || true
if test -e ${parked(name)}; then
  mv ${parked(name)} ${manifest(name)}
elif test ! -e ${manifest(name)}; then
  systemctl start ${name}.service
fi
systemctl stop squall-start-${name}.timer 2>/dev/null || true
echo started
`;
}

/** Ports on which units answer their users from other nodes (kubernetes.io, "Ports and Protocols"). */
const PORTS: Readonly<Record<string, number>> = { kubelet: 10250, 'kube-apiserver': 6443, etcd: 2379 };
/** Ports that kubeadm binds to the node's own loopback. */
const OWN_PORTS: Readonly<Record<string, number>> = {
  'kube-controller-manager': 10257,
  'kube-scheduler': 10259,
};

export const portOf = (unit: string): number | undefined => PORTS[unit];

/** Writes `answers`, `refused` or `silent`: tries to connect, as a user would. An answer after the timeout is silence. */
export const connectScript = (address: string, port: number, timeoutSeconds: number): string => `
code=0
timeout ${timeoutSeconds} bash -c ': </dev/tcp/${checkedAddress(address)}/${port}' 2>/dev/null || code=$?
case $code in 0) echo answers;; 124) echo silent;; *) echo refused;; esac
`;

/** For units that nobody else can reach: their own port on the node, or what systemd says. */
export function lookScript(unit: string, timeoutSeconds: number): string {
  const name = checkedUnit(unit);
  const port = OWN_PORTS[name];
  if (port !== undefined) return connectScript('127.0.0.1', port, timeoutSeconds);
  return `if systemctl is-active --quiet ${name}.service; then echo answers; else echo refused; fi`;
}

/** @throws SQ_INJECT_FAILED for what is no address, or no network in CIDR notation. */
export function checkedAddress(address: string): string {
  if (/^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(address)) return address;
  throw new HarnessError('SQ_INJECT_FAILED', `${JSON.stringify(address)} is not an address.`);
}
