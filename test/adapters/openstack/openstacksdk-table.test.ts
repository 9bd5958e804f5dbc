import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { placesOf } from '../../../src/adapters/openstack/cloud-files.ts';
import type { CloudFiles, Tree } from '../../../src/adapters/openstack/cloud-files.ts';
import { endpointOf, SERVICE_KINDS, settingOf } from '../../../src/adapters/openstack/discover-version.ts';
import { authRequest } from '../../../src/adapters/openstack/keystone-auth.ts';
import { resolveCloud } from '../../../src/adapters/openstack/resolve-cloud.ts';
import type { CloudConfig } from '../../../src/adapters/openstack/resolve-cloud.ts';
import { HarnessError } from '../../../src/model/errors.ts';
import type { CatalogueService, ServiceType } from '../../../src/ports/openstack.ts';

/** Written by bench/openstacksdk/record.py from the real openstacksdk. */
interface Table {
  readonly recorded: Readonly<Record<string, string>>;
  readonly searches: readonly {
    readonly environment: Readonly<Record<string, string>>;
    readonly clouds: readonly string[];
    readonly secure: readonly string[];
    readonly public: readonly string[];
  }[];
  readonly rows: readonly Row[];
}

interface Row {
  readonly title: string;
  readonly clouds?: Tree;
  readonly secure?: Tree;
  readonly public?: Tree;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cloud?: string;
  readonly catalogue?: readonly string[];
  readonly found?: Found;
  readonly refused?: string;
}

interface Found {
  readonly cloud: string;
  readonly auth_type: string;
  readonly region: string | null;
  readonly interface: string | readonly string[];
  readonly verify: boolean | string;
  readonly cert: null | string | readonly string[];
  readonly api_timeout: number | string | null;
  readonly services: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly request: unknown;
}

const table = JSON.parse(
  readFileSync(join('test', 'adapters', 'openstack', 'openstacksdk-table.json'), 'utf8'),
) as Table;

const TYPES = Object.keys(SERVICE_KINDS) as ServiceType[];
const USUAL = ['identity', 'compute', 'network', 'volumev3'];

/** The catalogue that the recording Keystone had. */
const catalogueOf = (types: readonly string[]): readonly CatalogueService[] =>
  types.map((type) => ({
    type,
    name: type,
    endpoints: ['RegionOne', 'RegionTwo'].flatMap((region) =>
      ['public', 'internal', 'admin'].map((kind) => ({
        interface: kind,
        region,
        url: `http://${type}.${kind}.${region}.example`,
      })),
    ),
  }));

const filesOf = (row: Row): CloudFiles => ({
  clouds: row.clouds ?? {},
  secure: row.secure ?? {},
  publicClouds: row.public ?? {},
  file: '/home/clouds.yaml',
  warnings: [],
});

const resolved = (row: Row): CloudConfig =>
  resolveCloud(filesOf(row), { HOME: '/home', ...row.environment }, row.cloud);

const endpointsOf = (config: CloudConfig, row: Row): Record<string, string> =>
  Object.fromEntries(
    TYPES.flatMap((type) => {
      try {
        return [[type, endpointOf(config, catalogueOf(row.catalogue ?? USUAL), type)]];
      } catch (error) {
        if (error instanceof HarnessError) return [];
        throw error;
      }
    }),
  );

const plain = (kind: string): string => kind.replace(/URL$/, '');

/**
 * A name without a domain is sent as it is by openstacksdk, and no Keystone takes it; the openstack command puts the domain
 * `default` there, and so does Squall.
 */
function withDomains(request: unknown): unknown {
  const copy = structuredClone(request) as { auth: { identity: Tree; scope?: Tree } };
  const fill = (named: unknown): void => {
    const holder = named as { name?: string; id?: string; domain?: object } | undefined;
    if (holder?.name !== undefined && holder.id === undefined) holder.domain ??= { id: 'default' };
  };
  fill((copy.auth.identity['password'] as { user?: unknown } | undefined)?.user);
  fill(copy.auth.scope?.['project']);
  return copy;
}

const settingsOf = (config: CloudConfig, found: Found): unknown =>
  Object.fromEntries(
    Object.entries(found.services).map(([type, settings]) => [
      type,
      Object.fromEntries(
        Object.keys(settings).map((name) => [
          name,
          settingOf(config, type as ServiceType, name) ??
            (name === 'endpoint_override' ? settingOf(config, type as ServiceType, 'endpoint') : undefined),
        ]),
      ),
    ]),
  );

describe(`clouds.yaml as openstacksdk ${table.recorded['openstacksdk']} understands it`, () => {
  it('has rows of every kind', () => {
    expect(table.rows.filter(({ found }) => found !== undefined)).to.have.length.greaterThan(150);
    expect(table.rows.filter(({ refused }) => refused !== undefined)).to.have.length.greaterThan(20);
  });

  it('looks for files where it looks', () => {
    for (const { environment, ...places } of table.searches)
      for (const [name, key] of [
        ['clouds', 'clouds'],
        ['secure', 'secure'],
        ['clouds-public', 'public'],
      ] as const)
        expect(placesOf(name, environment, '/here'), JSON.stringify(environment)).to.deep.equal([
          ...new Set(places[key]),
        ]);
  });

  for (const row of table.rows)
    if (row.found === undefined) it(`refuses, as it does: ${row.title}`, () => refusedToo(row));
    else it(row.title, () => same(row, row.found as Found));
});

function same(row: Row, found: Found): void {
  const config = resolved(row);
  const { verify, cacert, cert, key } = config;
  const certs = cert === undefined ? null : key === undefined ? cert : [cert, key];
  expect({
    cloud: config.cloud,
    region: config.region ?? null,
    interfaces: config.interfaces,
    verify: verify && cacert !== undefined ? cacert : verify,
    cert: certs,
    seconds: config.apiTimeoutMs === undefined ? null : config.apiTimeoutMs / 1000,
    services: settingsOf(config, found),
    endpoints: endpointsOf(config, row),
    request: authRequest(config),
  }).to.deep.equal({
    cloud: found.cloud,
    region: found.region,
    interfaces: [found.interface].flat().map(plain),
    verify: found.verify,
    cert: found.cert,
    seconds: found.api_timeout === null ? null : Number(found.api_timeout),
    services: found.services,
    endpoints: found.endpoints,
    request: withDomains(found.request),
  });
}

/** For the third version by its name openstacksdk wants the domains, though Keystone's default would do. */
const STRICTER = /^OptionError: You have provided a (username|project_name)\./;

function refusedToo(row: Row): void {
  if (STRICTER.test(row.refused ?? '')) return;
  expect(() => resolved(row), row.refused).to.throw(HarnessError);
}
