export { createKubernetesApi, type KubernetesOrder, type OpenKubernetesApi } from './kubernetes-api.ts';
