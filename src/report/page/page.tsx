import type { JSX } from 'preact';
import { shorten, TRUTH_WORDS } from '../wording.ts';
import { Name, Section } from './elements.tsx';
import type { PageContent } from './page-content.ts';
import { pageSections } from './page-sections.ts';
import { Patterns } from './timeline/patterns.tsx';
import { DisclosureSection } from './disclosure-section.tsx';
import { VerdictSection } from './verdict-section.tsx';

interface PageProps {
  readonly content: PageContent;
  readonly style: string;
  readonly script: string;
  /** What the script needs besides the page itself, as JSON that is safe inside a script element. */
  readonly data: string;
  /** Content security policy: nothing may be loaded, and only this page's own style and script may be used. */
  readonly policy: string;
}

function Navigation({ shown }: { shown: readonly { id: string; title: string }[] }): JSX.Element {
  return (
    <nav aria-label="Sections">
      <ul>
        {shown.map(({ id, title }) => (
          <li>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The whole page: verdict and disclosures first, then every section that the run has something of. */
export function Page({ content, style, script, data, policy }: PageProps): JSX.Element {
  const { run, verdict } = content.document;
  const sections = pageSections.flatMap((section) => {
    const body = section.render(content);
    return body === null ? [] : [{ ...section, body }];
  });
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${TRUTH_WORDS[verdict.truth]}: ${shorten(run.plan, 60)} (Squall)`}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <Patterns />
        <a class="skip" href="#main">
          Skip to the verdict
        </a>
        <header>
          <p class="brand">Squall</p>
          <p>
            Run <Name length={60}>{run.id}</Name>
          </p>
        </header>
        <main id="main" tabIndex={-1}>
          <VerdictSection document={content.document} />
          <DisclosureSection {...content.document} />
          <Navigation shown={sections} />
          {sections.map(({ id, title, lead, wide = false, body }) => (
            <Section id={id} title={title} lead={lead?.(content)} wide={wide}>
              {body}
            </Section>
          ))}
        </main>
        <script id="data" type="application/json" dangerouslySetInnerHTML={{ __html: data }} />
        <script dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
}
