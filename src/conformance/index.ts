/**
 * The door for suites, and the only thing that they import:
 *
 *     suite('kubernetes/configmaps', { title: 'ConfigMaps', needs: ['kubernetes'] }, ({ it, shared }) => {
 *       it('read-back', { title: 'gives back what was written', tags: ['write'] }, async ({ kubernetes, make, names }) => {
 *         ...
 *       });
 *     });
 */
export { expect } from 'chai';
export { milliseconds, seconds } from '../model/duration.ts';
export { suite } from './load-suite.ts';
export { needAdministrator, needService } from './offers.ts';
export type { CaseContext, FreshNames } from './case-context.ts';
export type { Limits } from './eventually.ts';
export type { Maker, Resource } from './maker.ts';
export type { CaseBody, CaseOptions, SuiteOptions, SuiteVerbs } from './suite-definition.ts';
export type { ApiClient, ApiRequest, ApiResponse } from '../ports/api-client.ts';
export type { KubernetesApi, KubernetesObject } from '../ports/kubernetes.ts';
export type { OpenStackApi, ServiceType, UserInProject } from '../ports/openstack.ts';
export {
  askPod,
  fetchFrom,
  inside,
  isReady,
  logOf,
  makeNamespace,
  makePod,
  podsOf,
  podSpec,
  podTemplate,
  runOnce,
  runPod,
  testContainer,
  TEST_PORT,
  untilGone,
  untilPod,
  untilReadyPods,
} from './test-pods.ts';
export type { ContainerStatus, Fetched, Fields, Placed, Pod, PodWish } from './test-pods.ts';
export { makeService, readyEndpoints } from './test-services.ts';
export type { Service } from './test-services.ts';
export { makePersona } from './personas.ts';
export type { DefaultRole } from './personas.ts';
export { askRoot, talk } from './service-talk.ts';
export type { Refusal, ServiceTalk, Shape } from './service-talk.ts';
export * as blockStorage from './shapes/block-storage.ts';
export * as compute from './shapes/compute.ts';
export * as identity from './shapes/identity.ts';
export * as image from './shapes/image.ts';
export * as network from './shapes/network.ts';
export * as orchestration from './shapes/orchestration.ts';
