import type { OpenStackApi } from '../ports/openstack.ts';
import { createMaker, type MakerTools } from './maker.ts';
import { isAdministrator, makeUser, type Namer } from './personas.ts';

/** An ordinary user in a project that no other lane has. Made at the first wish, and taken away when the lane ends. */
export interface LaneTenant {
  /**
   * The client of that user: of a new one with the role `member` where the given user may make users, else of the given one.
   * @throws what the cloud said when it can be made only in part.
   */
  open(): Promise<OpenStackApi>;
  /** Takes away what `open` made; what it cannot is in the ledger, for the sweep of the run. */
  close(): Promise<void>;
}

export function createLaneTenant(
  given: OpenStackApi,
  names: Namer,
  tools: Pick<MakerTools, 'run' | 'ledger' | 'clock' | 'soonest' | 'patience' | 'kubernetes'>,
): LaneTenant {
  const openstack = (): OpenStackApi => given;
  const { kubernetes } = tools;
  const cleaning = { kubernetes, openstack, administrator: openstack };
  const { maker, takeAway } = createMaker({ ...tools, createdBy: 'lane', openstack, cleaning });
  const open = async (): Promise<OpenStackApi> => {
    if (!(await isAdministrator(given))) return given;
    return given.as(await makeUser(maker, given, names, 'member'));
  };
  let opened: Promise<OpenStackApi> | undefined;
  return {
    // A failure is not kept: the next file of the lane tries again, with new names.
    open: () =>
      (opened ??= open().catch((error: unknown) => {
        opened = undefined;
        throw error;
      })),
    close: () => takeAway().catch(() => undefined),
  };
}
