/** Settles as `work` does; if that takes longer than so many milliseconds, as `late` does. `work` itself goes on. */
export function within<T>(milliseconds: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return Promise.race([work, deadline.then(late)]).finally(() => clearTimeout(timer));
}
