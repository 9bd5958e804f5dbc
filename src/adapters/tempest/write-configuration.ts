import { HarnessError } from '../../model/errors.ts';
import type { CloudAccount } from '../../ports/openstack.ts';
import type { CloudFacts, Service } from './discover-cloud.ts';

export interface ConfigurationOrder {
  readonly facts: CloudFacts;
  readonly account: CloudAccount;
  /** How the names of all that it creates begin. */
  readonly prefix: string;
  /** A private folder; nothing of the configuration is anywhere else. */
  readonly workspace: string;
}

/** What the files of a workspace hold. Both have the password in them. */
export interface Configuration {
  readonly tempestConf: string;
  /** Users that Tempest takes in turn, where it cannot make its own; JSON, which is YAML. */
  readonly accounts?: string;
  readonly accountsFile: string;
  /** More workers than accounts would wait for each other until they fail. Absent: any number. */
  readonly mostWorkers?: number;
  /** What whoever reads the results should know, in whole sentences. */
  readonly notes: readonly string[];
}

type Value = string | number | boolean | undefined;
type Sections = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/**
 * `tempest.conf`, and `accounts.yaml` where the user is no administrator. A value that is not known is left out, so that Tempest's
 * own default holds, and what the cloud does not offer is said to be not available.
 * @throws SQ_CLOUDS_YAML for a cloud that is entered without a password: Tempest knows no other way.
 */
export function writeConfiguration(order: ConfigurationOrder): Configuration {
  const password = passwordOf(order.account);
  const { facts, workspace } = order;
  const accountsFile = `${workspace}/accounts.yaml`;
  const sections: Sections = {
    DEFAULT: { log_dir: workspace, log_file: 'tempest.log', resource_name_prefix: order.prefix },
    oslo_concurrency: { lock_path: `${workspace}/locks` },
    auth: facts.makesUsers ? administratorOf(facts, password) : ordinaryOf(facts, accountsFile),
    identity: identityOf(order),
    ...servicesOf(order),
  };
  return {
    tempestConf: written(sections),
    ...(facts.makesUsers ? {} : { accounts: accountsOf(facts, password), mostWorkers: 1 }),
    accountsFile,
    notes: notesOf(facts),
  };
}

function passwordOf({ cloud, password }: CloudAccount): string {
  const remedy = 'Name a cloud of clouds.yaml with a user name and a password, with `--os-cloud`.';
  if (password === undefined)
    throw new HarnessError(
      'SQ_CLOUDS_YAML',
      `Cloud "${cloud}" is entered with a token or an application credential, and Tempest takes a password alone.`,
      { remedy },
    );
  const text = password.reveal();
  if (/[\r\n]/.test(text) || text !== text.trim())
    throw new HarnessError(
      'SQ_CLOUDS_YAML',
      `The password of cloud "${cloud}" has a line end, or begins or ends with a space, which tempest.conf cannot hold.`,
      { remedy },
    );
  return text;
}

/** Tempest makes a project and users for each class of tests, and takes them away after it. */
const administratorOf = ({ user, types }: CloudFacts, password: string): Sections[string] => ({
  use_dynamic_credentials: true,
  create_isolated_networks: types.network !== undefined,
  admin_username: user.name,
  admin_password: password,
  admin_project_name: user.project,
  admin_domain_name: user.domain,
  admin_user_domain_name: user.domain,
  admin_project_domain_name: user.projectDomain,
  default_credentials_domain_name: user.domain,
});

const ordinaryOf = ({ user }: CloudFacts, accountsFile: string): Sections[string] => ({
  use_dynamic_credentials: false,
  test_accounts_file: accountsFile,
  default_credentials_domain_name: user.domain,
});

/**
 * The one user, once as the member and once as the reader of its project: many classes ask for both. The reader does no more than
 * read, and who may write may read. They are told apart by the id that one of them carries.
 */
function accountsOf({ user }: CloudFacts, password: string): string {
  const own = {
    username: user.name,
    password,
    project_name: user.project,
    domain_name: user.domain,
    user_domain_name: user.domain,
    project_domain_name: user.projectDomain,
  };
  return JSON.stringify([
    { ...own, roles: ['member'] },
    { ...own, user_id: user.id, roles: ['reader'] },
  ]);
}

function identityOf({ account, facts }: ConfigurationOrder): Sections[string] {
  const base = account.authUrl.replace(/\/+$/, '');
  const kind = account.interface;
  return {
    auth_version: 'v3',
    uri_v3: /\/v3$/.test(base) ? base : `${base.replace(/\/v2\.0$/, '')}/v3`,
    region: account.region,
    v3_endpoint_type: kind,
    disable_ssl_certificate_validation: !account.verify,
    ca_certificates_file: account.cacert,
    default_domain_id: facts.user.domain === 'Default' ? 'default' : undefined,
  };
}

function servicesOf({ facts, account }: ConfigurationOrder): Sections {
  const { types, microversions, flavors, images, externalNetwork, computeNodes } = facts;
  const has = (service: Service): boolean => types[service] !== undefined;
  const at = (service: Service): Sections[string] => ({
    catalog_type: types[service],
    region: account.region,
    endpoint_type: account.interface,
    max_microversion: microversions[service],
  });
  const image = { image_ref: images[0], image_ref_alt: images[1] ?? images[0] };
  const flavor = { flavor_ref: flavors[0], flavor_ref_alt: flavors[1] ?? flavors[0] };
  return {
    service_available: {
      nova: has('compute'),
      neutron: has('network'),
      glance: has('image'),
      cinder: has('volume'),
      swift: has('object-store'),
      horizon: false,
    },
    compute: {
      ...at('compute'),
      ...image,
      ...flavor,
      min_compute_nodes: computeNodes,
      fixed_network_name: facts.makesUsers ? undefined : facts.ownNetwork,
    },
    'compute-feature-enabled': { resize: (computeNodes ?? 0) > 1 && flavors.length > 1, vnc_console: false },
    image: { ...at('image'), max_microversion: undefined },
    network: {
      ...at('network'),
      max_microversion: undefined,
      public_network_id: externalNetwork?.id,
      floating_network_name: externalNetwork?.name,
    },
    'network-feature-enabled': {
      api_extensions: facts.networkExtensions?.join(','),
      floating_ips: externalNetwork !== undefined,
    },
    volume: at('volume'),
    'volume-feature-enabled': { backup: facts.hasBackup ?? false },
    placement: at('placement'),
    'object-storage': { ...at('object-store'), max_microversion: undefined },
    validation: { run_validation: false },
  };
}

function notesOf(facts: CloudFacts): readonly string[] {
  const { images, flavors, externalNetwork, user, makesUsers } = facts;
  return [
    ...(makesUsers
      ? []
      : [
          `Tempest runs as the user ${user.name} alone, with one worker, for it may not make users here: what needs a second project or an administrator is skipped or fails.`,
        ]),
    ...(images.length === 0 ? ['No public image was found, so what boots a server cannot pass.'] : []),
    ...(flavors.length === 0 ? ['No flavour was found, so what boots a server cannot pass.'] : []),
    ...(externalNetwork === undefined
      ? ['No external network was found, so floating addresses are not tested.']
      : []),
    'Nothing is asked inside a guest: run_validation is false.',
  ];
}

/** oslo.config takes `$name` for another option, and `$$` for a dollar. */
const escaped = (value: string | number | boolean): string => String(value).replaceAll('$', '$$$$');

function written(sections: Sections): string {
  return Object.entries(sections)
    .map(([section, values]) => {
      const lines = Object.entries(values)
        .filter(
          (entry): entry is [string, string | number | boolean] => entry[1] !== undefined && entry[1] !== '',
        )
        .map(([key, value]) => `${key} = ${oneLine(escaped(value))}`);
      return `[${section}]\n${lines.join('\n')}\n`;
    })
    .join('\n');
}

/** A name of the cloud must not write lines of its own. */
const oneLine = (text: string): string => text.replaceAll(/[\r\n]+/g, ' ');
