/** Running tasks, which do not reject. */
export interface Tasks {
  /** Adds a task. @returns the same task */
  track(task: Promise<void>): Promise<void>;
  /** Resolves when no task runs, including tasks that were added in the meantime. */
  done(): Promise<void>;
}

/** Creates an empty set of tasks. */
export function createTasks(): Tasks {
  const running = new Set<Promise<void>>();
  return {
    track(task) {
      const tracked: Promise<void> = task.finally(() => running.delete(tracked));
      running.add(tracked);
      return tracked;
    },
    async done() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
