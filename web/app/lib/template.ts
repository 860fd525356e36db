/** A number as badges show it. */
export const count = (value: number): string => (value > 99 ? '99+' : String(value));
