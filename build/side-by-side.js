// Runs the given npm scripts beside each other and prints what each said when it has ended: `node build/side-by-side.js lint:all
// test:process`. The last one comes first: the others leave it the cores that it wants. Ends with 1 when one of them failed.
// Packages that do this have left Node 20; `concurrently` is the one to move to.
import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';

const codes = await Promise.all(
  process.argv.slice(2).map(
    (script, n, scripts) =>
      new Promise((resolve) => {
        const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
        if (n < scripts.length - 1 && child.pid !== undefined) setPriority(child.pid, 10);
        let said = '';
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding('utf8').on('data', (text) => (said += text));
        child.once('error', (error) => {
          process.stderr.write(`${script}: ${error.message}\n`);
          resolve(1);
        });
        child.once('close', (code) => {
          process.stdout.write(`== ${script}: ${code === 0 ? 'ok' : 'FAILED'}\n${said}`);
          resolve(code);
        });
      }),
  ),
);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
