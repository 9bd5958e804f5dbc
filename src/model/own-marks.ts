/** On whatever Squall creates in a cluster: the run that did, by which it is found and put away. */
export const OWNER_LABEL = 'squall.dev/run';

/** The same in the metadata of servers and volumes of a cloud, whose keys have no slash. */
export const OWNER_KEY = 'squall.dev:run';

/** The namespace in which runs of several machines agree on who hurts this cluster, and whether anybody may. */
export const STATE_NAMESPACE = 'squall-state';
