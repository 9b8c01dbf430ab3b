import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { bash, ENV, ROOT } from './stack.ts';

/** The commit that stores are recorded of, too: `packages/resources/src/testing/testdata`. */
const COMMIT = '804ec52e3abd5979d6691c63aa71210e4a5e3517';
/** Older than every image there is, so that only who asks for it gets it. */
export const OLDER_VERSION = '17.3';
const IMAGE = 'windlass-e2e/postgres:older-release';

const run = promisify(execFile);
const quietly = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { cwd: ROOT, stdio: 'ignore', timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
};

/** Whether this clone has the commit; one that is shallow asks for it. */
export const hasOlderRelease = (commit = COMMIT): boolean =>
  quietly('git', 'cat-file', '-e', `${commit}^{commit}`) || quietly('git', 'fetch', '--depth=1', 'origin', commit);

/** An earlier release, built from its commit; it stays there for the next run. */
export class OlderRelease {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<OlderRelease> {
    const folder = path.join('/tmp', `windlass-older-${COMMIT}`);
    if (!existsSync(folder)) {
      const unpacked = `${folder}.${String(process.pid)}`;
      mkdirSync(unpacked);
      await bash(`git archive ${COMMIT} | tar -x -C ${unpacked}`);
      // Its types were checked when it was made: without that it is built in two thirds of the time.
      await bash(
        `sed -i 's/"build": "tsc /&--noCheck /' ${unpacked}/packages/*/package.json ${unpacked}/apps/*/package.json`,
      );
      renameSync(unpacked, folder);
    }
    const older = new OlderRelease(folder);
    await older.#buildImage();
    return older;
  }

  /** Runs a command of this release on the stack under test. */
  async sh(command: string, ...args: string[]): Promise<string> {
    const env = { ...ENV, WINDLASS_POSTGRES_MAJORS: ' ', WINDLASS_REVISION: COMMIT };
    return (await run(command, args, { env, cwd: this.#folder, maxBuffer: 64 * 1024 * 1024 })).stdout;
  }

  /** On the packages that are installed in the present image: only what this release put there is its own. */
  async #buildImage(): Promise<void> {
    const context = path.join(this.#folder, 'images/postgres');
    writeFileSync(path.join(context, 'Dockerfile.older'), DOCKERFILE);
    await bash(`cd ${context} && DOCKER_BUILDKIT=0 docker build -q -t ${IMAGE} -f Dockerfile.older .`);
  }

  async removeImage(): Promise<void> {
    await bash(`timeout 60 docker image rm ${IMAGE}`).catch(() => undefined);
    rmSync(path.join(this.#folder, 'images/postgres/Dockerfile.older'), { force: true });
  }
}

const DOCKERFILE = `FROM windlass/postgres:17
USER root
COPY bin/ /usr/local/bin/
RUN rm -rf /usr/share/windlass/*
COPY template.sql /usr/share/windlass/template.sql
RUN chown -R postgres:postgres /usr/share/windlass
USER postgres
RUN printf '%s\\n' --data-checksums --encoding=UTF8 --locale=C.UTF-8 --username=windlass > /usr/share/windlass/template.options \\
 && initdb $(cat /usr/share/windlass/template.options) --auth-local=peer --auth-host=reject /usr/share/windlass/template > /dev/null \\
 && postgres --single -j -D /usr/share/windlass/template postgres < /usr/share/windlass/template.sql > /dev/null
LABEL windlass.postgres.version=${OLDER_VERSION}
`;
