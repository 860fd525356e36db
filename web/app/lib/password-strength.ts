/** How hard a password is to guess, from 0 (at once) to 4; an estimate from length, variety and what people choose first. */
export function passwordStrength(password: string, ...personal: string[]): 0 | 1 | 2 | 3 | 4 {
  if (password.length < 8) return 0;
  const lower = password.toLowerCase();
  if (common.some((word) => lower.startsWith(word)) && password.length < 16) return 1;
  if (personal.some((word) => word.length > 2 && lower.includes(word.toLowerCase())) && password.length < 16) return 1;
  const bits = new Set(password).size * 0.6 * Math.log2(alphabetOf(password)) * lengthWeight(password);
  if (bits < 30) return 1;
  if (bits < 42) return 2;
  return bits < 60 ? 3 : 4;
}

const common = [
  'password',
  'passwort',
  '12345',
  'qwert',
  'letmein',
  'welcome',
  'willkommen',
  'abc123',
  'iloveyou',
  'hallo',
  'admin',
  'geheim',
];

function alphabetOf(password: string): number {
  let size = 0;
  if (/[a-z]/.test(password)) size += 26;
  if (/[A-Z]/.test(password)) size += 26;
  if (/\d/.test(password)) size += 10;
  if (/[^a-zA-Z\d]/.test(password)) size += 30;
  return Math.max(size, 2);
}

/** Long phrases repeat letters, and are good all the same. */
function lengthWeight(password: string): number {
  return Math.max(1, password.length / 14);
}
