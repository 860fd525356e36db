export { default } from './register.ts';
