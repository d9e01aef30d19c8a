/** Where a run took place. */
export interface Machine {
  os: string;
  cpu: string;
  cores: number;
  memoryGB: number;
  deno: string;
  /** Load average when the run began: what else the machine was doing. */
  load: number;
  date: string;
}

/** This machine, now. */
export async function machine(): Promise<Machine> {
  const cpuinfo = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return {
    os: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    cpu: /^model name\s*: (.*)$/m.exec(cpuinfo)?.[1] ?? "unknown",
    cores: navigator.hardwareConcurrency,
    memoryGB: Math.round(Deno.systemMemoryInfo().total / 1e9),
    deno: Deno.version.deno,
    load: Deno.loadavg()[0],
    date: new Date().toISOString(),
  };
}
