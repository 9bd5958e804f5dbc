import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { matching } from '../published.ts';
import { besideIt, COMMIT, leavePowerOff, runIn, type Place } from '../place.ts';
import { byExitCode, type Ended, type System } from '../system.ts';
import { mavenArchive } from '../tools.ts';

/** Declarative Pipelines are Groovy. */
const GROOVY = 'org.apache.groovy:groovy:4.0.24';

const OUTCOMES = { SUCCESS: 'green', UNSTABLE: 'yellow', FAILURE: 'red' } as const;

/** Jenkins, by Groovy itself: it reads the Jenkinsfile, and a script of ours stands in for the steps that Jenkins provides. */
export const jenkins: System = {
  name: 'jenkins',
  plans: { gate: 'gate', nightly: 'nightly', drill: 'drill' },
  promises: byExitCode({ 3: 'yellow', 4: 'yellow' }),
  heals: true,
  prepare({ project }: Place): void {
    cpSync('pipelines/jenkins/Jenkinsfile', join(project, 'Jenkinsfile'));
  },
  async run(place: Place, plan: string): Promise<Ended> {
    const { says } = await runIn(
      place,
      'java',
      [
        '-cp',
        mavenArchive(GROOVY),
        'groovy.ui.GroovyMain',
        join(process.cwd(), 'bench/pipelines/stand-ins/jenkins.groovy'),
        'Jenkinsfile',
      ],
      { more: { GIT_COMMIT: COMMIT, PARAMETER_PLAN: plan } },
    );
    const told = (what: string): readonly string[] =>
      [...says.matchAll(new RegExp(`^@${what} (.*)$`, 'gm'))].map(([, value = '']) => value);
    const [result] = told('result');
    if (result === undefined || !(result in OUTCOMES))
      throw new Error(`It ended without a result:\n${says.slice(-2000)}`);
    return {
      outcome: OUTCOMES[result as keyof typeof OUTCOMES],
      says,
      reports: place.reports,
      junit: told('junit').flatMap((pattern) => matching(place.project, pattern)),
      allure: told('allure').flatMap((pattern) => matching(place.project, pattern)),
    };
  },
  beside: besideIt,
  leaveOpenFault: leavePowerOff,
};
