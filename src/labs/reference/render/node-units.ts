import { ANSWER_PORT } from '../shape.ts';

/** Where a static pod's manifest waits while its unit is stopped. */
export const AWAY_FOLDER = '/etc/kubernetes/squall-away';
export const MANIFEST_FOLDER = '/etc/kubernetes/manifests';

/** Units of the lab beside those of the node's image: file name and text. */
export const NODE_UNITS: Readonly<Record<string, string>> = {
  'squall-answer.service': `[Unit]
Description=Answers whoever asks whether this node is there
After=network.target

[Service]
ExecStart=/usr/bin/socat -U TCP-LISTEN:${ANSWER_PORT},fork,reuseaddr,backlog=256,max-children=200 OPEN:/etc/hostname,rdonly
Restart=always
RestartSec=1
`,
  'squall-links.service': `[Unit]
Description=The table that rules on this node's links are elements of
After=network.target
Before=containerd.service kubelet.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/nft -f /etc/squall/links.nft
`,
  // The timer that gives back a stopped static pod is lost when the node's power is; starting again gives it back too.
  'squall-give-back.service': `[Unit]
Description=Gives back what was stopped when this node lost its power
Before=kubelet.service

[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for each in ${AWAY_FOLDER}/*.yaml; do [ ! -e "$each" ] || mv "$each" ${MANIFEST_FOLDER}/; done'
`,
};
