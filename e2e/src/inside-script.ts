/** What a program in the container of a database sees of what it may do; run as Postgres runs what `COPY ... PROGRAM` names. */
export interface InsideReport {
  /** Fields of `/proc/self/status`. */
  readonly status: Readonly<Record<string, string>>;
  readonly uid: number;
  /** Of the first process of the container. */
  readonly first: Readonly<Record<string, string>>;
  /** Whether a file could be made in each of these directories. */
  readonly writable: Readonly<Record<string, boolean>>;
  /** Programs of the image that make whoever runs them somebody else. */
  readonly setuid: readonly string[];
  /** Most processes and threads; empty where nothing is said. */
  readonly pids: string;
  /** Whether there is a way to the engine. */
  readonly engine: boolean;
}

/** Directories that a program might want to write to. */
export const PLACES = [
  '/',
  '/etc',
  '/usr/local/bin',
  '/run',
  '/var/lib/postgresql',
  '/windlass/config',
  '/windlass/certs',
];
export const OPEN_PLACES = ['/tmp', '/windlass/data', '/windlass/backups', '/dev/shm'];

/** In Python; its answer goes to standard output as one line of JSON. */
export const insideScript = (): string => `
import json, os, stat
def status(pid):
    lines = open('/proc/%s/status' % pid).read().splitlines()
    return dict(line.split(':\\t', 1) for line in lines if ':\\t' in line)
def writable(place):
    path = os.path.join(place, 'windlass-was-here')
    try:
        open(path, 'w').close(); os.remove(path); return True
    except OSError: return False
def setuid():
    found = []
    for root, folders, files in os.walk('/'):
        folders[:] = [one for one in folders if not os.path.ismount(os.path.join(root, one))]
        for one in files:
            path = os.path.join(root, one)
            try: mode = os.lstat(path).st_mode
            except OSError: continue
            if stat.S_ISREG(mode) and mode & 0o6000: found.append(path)
    return found
def pids():
    for path in ('/sys/fs/cgroup/pids.max', '/sys/fs/cgroup/pids/pids.max'):
        try: return open(path).read().strip()
        except OSError: pass
    return ''
print(json.dumps(dict(status=status('self'), uid=os.getuid(), first=status('1'),
    writable={place: writable(place) for place in ${JSON.stringify([...PLACES, ...OPEN_PLACES])}},
    setuid=setuid(), pids=pids(), engine=any(os.path.exists(p) for p in ('/var/run/docker.sock', '/run/docker.sock')))))
`;
