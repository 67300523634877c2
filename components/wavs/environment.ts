import environment from "wasi:cli/environment@0.2.0";

/** A variable of the operator's environment that starts with `WAVS_ENV` and is listed in the component's `env_keys`. */
export function envVar(name: string): string | undefined {
  return environment.getEnvironment().find(([key]) => key === name)?.[1];
}
