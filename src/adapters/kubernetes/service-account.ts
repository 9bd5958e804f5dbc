/** Where a pod finds its own credentials, fixed by Kubernetes (kubernetes.io, "Accessing the Kubernetes API from a Pod"). */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
