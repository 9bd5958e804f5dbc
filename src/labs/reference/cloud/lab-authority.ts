import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabTools } from '../lab-tools.ts';
import { mustOnNode } from '../node-exec.ts';
import { volumeFolder } from '../node-volumes.ts';
import { CONTROL_NODES } from '../shape.ts';
import { CLOUD_ADDRESS } from './cloud-values.ts';

const FOLDER = '/etc/squall/cloud';
const TIMEOUT = { ms: 60_000 };

/** A year, like the certificates of the cluster; a snapshot is made anew long before. */
const DAYS = 365;

/** An authority that exists only for this lab, and the certificate of the cloud's address by it. */
const MAKE = `set -e; umask 077; mkdir -p ${FOLDER}; cd ${FOLDER}
[ ! -e address.pem ] || exit 0
key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
openssl req -x509 $key -days ${DAYS} -keyout ca.key -out ca.crt -subj '/CN=Squall reference lab' \\
  -addext keyUsage=critical,keyCertSign,cRLSign
openssl req $key -keyout address.key -out address.csr -subj '/CN=${CLOUD_ADDRESS}'
printf 'subjectAltName=IP:${CLOUD_ADDRESS}\\nextendedKeyUsage=serverAuth\\n' > address.ext
openssl x509 -req -in address.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days ${DAYS} -extfile address.ext -out address.crt
cat address.crt address.key > address.pem.part
mv address.pem.part address.pem`;

const holder = (): string => CONTROL_NODES[0]?.name ?? '';

/** What belongs to the cloud of this lab and is kept with its nodes, and so with a snapshot of them. */
export const cloudFolder = (tools: LabTools): string =>
  join(volumeFolder(tools, holder()), 'squall', 'cloud');

export async function makeAuthority(tools: LabTools): Promise<void> {
  await mustOnNode(tools, holder(), ['/bin/sh', '-c', MAKE], { timeout: TIMEOUT });
}

export const readCertificate = (tools: LabTools): string =>
  readFileSync(join(cloudFolder(tools), 'address.pem'), 'utf8');

export const readAuthority = (tools: LabTools): string =>
  readFileSync(join(cloudFolder(tools), 'ca.crt'), 'utf8');
